/** The entry `godwit/cluster`: a server on all cores, whose processes are watched and restarted without a failed call. */
import cluster from "node:cluster";
import { Primary } from "./primary.js";
import { serve } from "./worker.js";
import { checkWorkersOptions, type WorkersOptions } from "./workers-options.js";

export type { Closable, WorkersOptions } from "./workers-options.js";

/**
 * Runs a server in several processes that share its ports (`node:cluster`). A worker that ends is replaced, at once and then with
 * growing pauses. SIGHUP restarts all, one after the other: the new one serves before the old one drains. SIGTERM and SIGINT
 * drain all; a second one kills them.
 *
 * The program runs in the primary and in each worker: what stands behind this runs in the primary alone, once all workers have ended.
 * Rejects when the first worker does not start, and with TypeError when an option is not valid.
 */
export async function runWorkers(options: WorkersOptions): Promise<void> {
  const settings = checkWorkersOptions(options);
  if (cluster.isPrimary) await new Primary(settings).run();
  else await serve(settings);
}
