/** What the processes of a run say to each other. */
import type { Measurement } from "./closed-loop.js";
import type { Workload } from "./rows.js";

/** Processor time that a process has used since it started, in microseconds. */
export type CpuAnswer = { readonly type: "cpu"; readonly us: number };

/** What was allocated since it was watched, and what the process has now. */
export type MemoryAnswer = {
  readonly type: "memory";
  readonly allocatedBytes: number;
  /** Outside the heap of JavaScript: buffers. */
  readonly externalBytes: number;
  readonly rssBytes: number;
};

export type UsageQuestion = { readonly type: "cpu" } | { readonly type: "watchMemory" } | { readonly type: "memory" };

export type UsageAnswer = CpuAnswer | { readonly type: "watching" } | MemoryAnswer;

export type ToServer = UsageQuestion;

export type Listening = { readonly type: "listening"; readonly port: number };

export type ToClient =
  | { readonly type: "run"; readonly workload: Workload; readonly durationMs: number }
  | UsageQuestion;

export type FromClient =
  | { readonly type: "ready" }
  | { readonly type: "measured"; readonly measurement: Measurement }
  | { readonly type: "failed"; readonly message: string }
  | UsageAnswer;

/** No process of a run lives longer, whatever happens to the others. */
export const processLimitMs = 90 * 60_000;

/** Ends this process when whoever started it has gone, and when a run takes far too long. */
export function endWithParent(): void {
  process.on("disconnect", () => process.exit(0));
  setTimeout(() => process.exit(3), processLimitMs).unref();
}

export function tellParent(message: Listening | FromClient | UsageAnswer): void {
  process.send?.(message);
}
