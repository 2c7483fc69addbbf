/** What the processes of a run say to each other. */
import type { Measurement } from "./closed-loop.js";
import type { Workload } from "./rows.js";

/** Processor time that a process has used since it started, in microseconds. */
export type CpuAnswer = { readonly type: "cpu"; readonly us: number };

export type ToServer = { readonly type: "cpu" };

export type Listening = { readonly type: "listening"; readonly port: number };

export type ToClient =
  | { readonly type: "run"; readonly workload: Workload; readonly durationMs: number }
  | { readonly type: "cpu" };

export type FromClient =
  | { readonly type: "ready" }
  | { readonly type: "measured"; readonly measurement: Measurement }
  | { readonly type: "failed"; readonly message: string }
  | CpuAnswer;

/** No process of a run lives longer, whatever happens to the others. */
export const processLimitMs = 20 * 60_000;

/** Ends this process when whoever started it has gone, and when a run takes far too long. */
export function endWithParent(): void {
  process.on("disconnect", () => process.exit(0));
  setTimeout(() => process.exit(3), processLimitMs).unref();
}

export function tellParent(message: Listening | FromClient): void {
  process.send?.(message);
}

export function tellCpu(): void {
  const { user, system } = process.cpuUsage();
  tellParent({ type: "cpu", us: user + system });
}
