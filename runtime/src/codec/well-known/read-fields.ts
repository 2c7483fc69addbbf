import type { Message } from "@bufbuild/protobuf";
import type { WireReader } from "../compiled/wire-reader.js";

/** Reads the field whose tag was read, if it knows it; false: nothing was read. `end` is that of the message. */
export type ReadField<T> = (m: T, tag: number, r: WireReader, end: number) => boolean;

/** The loop of a compiled decoder, for messages that are few and small. */
export function readFields<T extends Message>(
  r: WireReader,
  end: number,
  stop: number,
  m: T,
  readField: ReadField<T>,
): T {
  let unknown = m.$unknown;
  let open = stop;
  while (r.position < end) {
    const tag = r.tag();
    if (readField(m, tag, r, end)) continue;
    if (tag === stop) {
      open = -1;
      break;
    }
    unknown = r.unknown(tag, unknown);
  }
  r.leave(end, open);
  if (unknown !== undefined) m.$unknown = unknown;
  return m;
}
