/** Of a worker, by way of its primary. */
export interface Listening {
  readonly type: "listening";
  readonly address: string;
}

/** Processor time of a worker since its start. */
export interface Usage {
  readonly pid: number;
  readonly cpuUs: number;
}
