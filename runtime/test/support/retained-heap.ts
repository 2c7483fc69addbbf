import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** A collection may leave what only the next one finds, and buffers are given back some time behind it. */
const maxCollections = 10;
/** Not a part of the heap: in a process with much of it, that part would be more than what is looked for. */
const stillBytes = 8192;

/** Bytes of objects and buffers that are still held once collecting frees no more. */
export function retainedHeapBytes(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < maxCollections; i++) {
    collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const held = heapUsed + arrayBuffers;
    const isStill = held > least - stillBytes;
    least = Math.min(least, held);
    if (isStill) break;
  }
  return least;
}
