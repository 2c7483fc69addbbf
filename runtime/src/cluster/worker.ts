import cluster, { type Worker } from "node:cluster";
import process from "node:process";
import { setTimeout } from "node:timers";
import { type FromWorker, readMessage, type ToWorker } from "./messages.js";
import type { WorkersSettings } from "./workers-options.js";

/** A primary of another library, such as pm2's, does not answer. */
const exitLimitMs = 1_000;

/**
 * Serves until it is told to go: by the primary, by a signal that came to it alone or to all (as systemd's and a terminal's do), or
 * because the primary is no more.
 */
export async function serve({ start, graceMs }: WorkersSettings): Promise<never> {
  const worker = cluster.worker as Worker;
  // Where a whole process group is sent it, the primary knows what to do.
  process.on("SIGHUP", () => {});
  const isToGo = new Promise<void>((resolve) => {
    const go = () => resolve();
    process.on("SIGTERM", go).on("SIGINT", go);
    process.on("message", (message) => {
      if (readMessage<ToWorker>(message)?.godwit === "drain") go();
    });
    worker.once("disconnect", go);
  });
  const opened = await start().catch(fail);
  // Without this, Node ends a worker at once when its primary dies, and its calls with it.
  worker.once("disconnect", () => {
    worker.exitedAfterDisconnect = true;
  });
  await tell({ godwit: "ready" });
  await isToGo;
  await opened.close({ graceMs }).catch(fail);
  const mayExit = new Promise<void>((resolve) => {
    process.on("message", (message) => {
      if (readMessage<ToWorker>(message)?.godwit === "exit") resolve();
    });
    worker.once("disconnect", () => resolve());
    setTimeout(resolve, worker.isConnected() ? exitLimitMs : 0);
  });
  await tell({ godwit: "closed" });
  await mayExit;
  // What else the application has open must not keep it.
  process.exit(0);
}

async function fail(thrown: unknown): Promise<never> {
  const { message, stack } = thrown instanceof Error ? thrown : { message: String(thrown), stack: undefined };
  await tell({ godwit: "failed", message, stack });
  process.exit(1);
}

/** Resolves when the primary has it, or will never have it. */
function tell(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => resolve());
    else resolve();
  });
}
