/** What a program of this benchmark says of itself, in one line. Times are milliseconds after Node has handed over to it. */
export interface Told {
  /** When all of its imports were there. */
  readonly importedMs: number;
  /** When its call was answered, or its server listened. */
  readonly readyMs: number;
  /** Processor time of all threads since the process began: Node's own start is in it. */
  readonly cpuMs: number;
  /** Of a server. */
  readonly port?: number;
}

/** @param imported performance.now() at the program's first statement. */
export function tell(imported: number, port?: number): void {
  const ready = performance.now();
  const used = process.cpuUsage();
  const { bootstrapComplete } = performance.nodeTiming;
  const told: Told = {
    importedMs: imported - bootstrapComplete,
    readyMs: ready - bootstrapComplete,
    cpuMs: (used.user + used.system) / 1000,
    ...(port === undefined ? {} : { port }),
  };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

/** PEM that the run gives its programs in their environment. */
export function pem(name: "ROOTS" | "CERTIFICATE" | "KEY"): string {
  return process.env[`BENCH_${name}`] ?? "";
}
