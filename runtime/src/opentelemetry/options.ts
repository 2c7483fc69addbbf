import type { MeterProvider, TextMapPropagator, TracerProvider } from "@opentelemetry/api";
import { type MetricName, metricNames, metrics } from "./metric-names.js";

export interface OpenTelemetryOptions {
  /** Where metrics go. Default: nowhere; gRFC A66 forbids a fallback to the global one. */
  readonly meterProvider?: MeterProvider | undefined;
  /** Where spans go. Default: nowhere. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Which metrics are recorded: names, or `"all"`. Default: those of gRFC A66; the others are experimental (A79). */
  readonly metrics?: "all" | readonly MetricName[] | undefined;
  /**
   * How a trace goes on from process to process. Default: the global propagator, and W3C Trace Context where none is
   * registered. `grpcTraceBinPropagator` speaks to those who use OpenCensus.
   */
  readonly propagator?: TextMapPropagator | undefined;
  /**
   * Whether a server's handlers run in the OpenTelemetry context of their call, so that spans which they make, and calls
   * without a `context`, belong to it. It takes a context manager (AsyncLocalStorage), as NodeSDK registers one. Default false.
   */
  readonly asyncContext?: boolean | undefined;
  /** Whether a target is written to `grpc.target`; `other` stands in its place. For channels whose targets are many. Default: every one. */
  readonly targetFilter?: ((target: string) => boolean) | undefined;
  /** Whether the name of a method that the server does not have is written to `grpc.method`; `other` stands in its place. Default: none, since clients choose them. */
  readonly methodFilter?: ((method: string) => boolean) | undefined;
  /** Whether `grpc.disconnect_error` is written to `grpc.subchannel.disconnections` (gRFC A94). Default false. */
  readonly disconnectError?: boolean | undefined;
  /** Milliseconds of a monotonic clock. Default: performance.now. */
  readonly now?: (() => number) | undefined;
}

const optionNames: Readonly<Record<keyof OpenTelemetryOptions, true>> = {
  meterProvider: true,
  tracerProvider: true,
  metrics: true,
  propagator: true,
  asyncContext: true,
  targetFilter: true,
  methodFilter: true,
  disconnectError: true,
  now: true,
};

/** Throws TypeError for a name that does not exist. */
export function checkOptionNames(options: OpenTelemetryOptions): void {
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(optionNames, name));
  if (unknown === undefined) return;
  throw new TypeError(`options.${unknown} does not exist; there are: ${Object.keys(optionNames).join(", ")}`);
}

/** Throws TypeError for a metric that does not exist. */
export function enabledMetrics(wanted: OpenTelemetryOptions["metrics"]): ReadonlySet<MetricName> {
  if (wanted === "all") return new Set(metricNames);
  if (wanted === undefined) return new Set(metricNames.filter((name) => metrics[name].isDefault));
  for (const name of wanted) {
    if (!Object.hasOwn(metrics, name)) {
      throw new TypeError(
        `metrics names ${JSON.stringify(name)}: expected "all" or names of ${metricNames.join(", ")}`,
      );
    }
  }
  return new Set(wanted);
}
