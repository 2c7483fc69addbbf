import type { UnknownField } from "@bufbuild/protobuf";
import type { ByteSink } from "../../base/byte-sink.js";
import { putTag } from "./put-scalar.js";

/** What a message was sent with and does not know goes behind what it knows, in the order in which it came. */
export function putUnknown(w: ByteSink, fields: readonly UnknownField[]): void {
  for (const { no, wireType, data } of fields) {
    w.position = putTag(w, no * 8 + wireType, 0);
    w.append(data);
  }
}
