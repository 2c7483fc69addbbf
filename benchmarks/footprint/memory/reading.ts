/** What this process has in memory that it needs. Wants node --expose-gc. */
import { setTimeout as delay } from "node:timers/promises";

export interface MemoryReading {
  /** Pages that the process has. */
  readonly rssBytes: number;
  /** Objects that live, and what they have beside the heap: buffers, and what Node's own objects say of themselves. */
  readonly heapBytes: number;
}

/**
 * Collections behind one another: what a finalizer or a weak reference let go is gone with the next, and each closes a few of the
 * gaps that what is gone has left in the heap. There is another as long as one of the last three was worth it.
 */
const leastCollections = 5;
const mostCollections = 30;
const worthwhile = 0.002;
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
  const pages: number[] = [];
  while (pages.length < mostCollections && isWorthwhile(pages)) {
    gc();
    await delay(pauseMs);
    pages.push(process.memoryUsage.rss());
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, heapBytes: heapUsed + external };
}

/** Whether another collection may give back pages: what the process had behind each of those so far. */
export function isWorthwhile(pages: readonly number[]): boolean {
  if (pages.length < leastCollections) return true;
  const [before, ...last] = pages.slice(-4) as [number, ...number[]];
  return Math.min(...last) < before * (1 - worthwhile);
}
