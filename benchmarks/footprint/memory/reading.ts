/** What this process has in memory that it needs. Wants node --expose-gc. */
import { setTimeout as delay } from "node:timers/promises";

export interface MemoryReading {
  /** Pages that the process has. */
  readonly rssBytes: number;
  /** Objects that live, and what they have beside the heap: buffers, and what Node's own objects say of themselves. */
  readonly heapBytes: number;
}

/** Collections behind one another: what a finalizer or a weak reference let go is gone with the next. */
const collections = 5;
const pauseMs = 100;
/** More than the young generation has room for: what it has not yet used it would otherwise take while connections are opened. */
const churnBytes = 64 * 1024 * 1024;
const churnedArray = 1000;

/** Waits for `settleMs`, and then for everything that is garbage to be gone. */
export async function readMemory(settleMs: number): Promise<MemoryReading> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error("there is no gc(): start node with --expose-gc");
  await delay(settleMs);
  const churned: number[][] = [];
  for (let bytes = 0; bytes < churnBytes; bytes += 8 * churnedArray) churned[0] = new Array(churnedArray).fill(bytes);
  for (let i = 0; i < collections; i++) {
    gc();
    await delay(pauseMs);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed + external };
}
