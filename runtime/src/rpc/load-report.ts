/**
 * What a server says of its load, with the trailers of a call or by itself (gRFC A51: xds.data.orca.v3.OrcaLoadReport). A
 * number that is 0 was not reported. What comes from a server may be anything: negative, NaN, Infinity.
 */
export interface LoadReport {
  /** Part of the processor time there is that is used; above 1 where more is wanted. */
  readonly cpuUtilization: number;
  /** Part of the memory there is that is used: 0 to 1. */
  readonly memoryUtilization: number;
  /** How busy the application is, by a measure of its own; above 1 where it is too busy. */
  readonly applicationUtilization: number;
  /** Requests per second. */
  readonly qps: number;
  /** Requests that failed, per second. */
  readonly eps: number;
  /** Part of each resource that is used, by resource: 0 to 1. */
  readonly utilization: ReadonlyMap<string, number>;
  /** What this call cost, by resource, in units of the application's own. Only with a call. */
  readonly requestCost: ReadonlyMap<string, number>;
  /** Whatever else the application measures. Only with a call. */
  readonly namedMetrics: ReadonlyMap<string, number>;
}
