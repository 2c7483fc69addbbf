/** What the processes of a run say to each other. */
import type { Measurement } from "./closed-loop.js";
import type { Workload } from "./rows.js";

export type FromServer = { readonly type: "listening"; readonly port: number };

export type ToClient = { readonly type: "run"; readonly workload: Workload; readonly durationMs: number };

export type FromClient =
  | { readonly type: "ready" }
  | { readonly type: "measured"; readonly measurement: Measurement }
  | { readonly type: "failed"; readonly message: string };

/** No process of a run lives longer, whatever happens to the others. */
export const processLimitMs = 20 * 60_000;

/** Ends this process when whoever started it has gone, and when a run takes far too long. */
export function endWithParent(): void {
  process.on("disconnect", () => process.exit(0));
  setTimeout(() => process.exit(3), processLimitMs).unref();
}

export function tellParent(message: FromServer | FromClient): void {
  process.send?.(message);
}
