/** How much memory objects hold, found out by collecting garbage: for the few inputs that are worth a collection. */
import { retainedHeapBytes } from "../support/retained-heap.js";

/** Bytes that the results of all `makers` hold together. */
export function retainedBytesOf(makers: readonly (() => unknown)[]): number {
  for (const make of makers) make();
  const held: unknown[] = [];
  const before = retainedHeapBytes();
  for (const make of makers) held.push(make());
  const bytes = retainedHeapBytes() - before;
  return held.length === 0 ? 0 : Math.max(0, bytes);
}
