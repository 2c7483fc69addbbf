/** Parts of a message that their length goes before: messages, entries of maps. */
import type { ByteSink } from "../../base/byte-sink.js";
import { putTag } from "./put-scalar.js";

/** Begins such a part; what it returns goes to `endNested`. */
export function beginNested(w: ByteSink, tag: number): number {
  w.position = putTag(w, tag, 1);
  return w.openLength();
}

export function endNested(w: ByteSink, start: number): void {
  w.closeLength(start);
}

/** The tag at the beginning or the end of a group. */
export function putGroup(w: ByteSink, tag: number): void {
  w.position = putTag(w, tag, 0);
}
