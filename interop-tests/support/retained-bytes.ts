/** Memory that is really held: what is left in buffers behind a full collection. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

export function retainedBufferBytes(): number {
  collectGarbage();
  const { arrayBuffers } = process.memoryUsage();
  return arrayBuffers;
}
