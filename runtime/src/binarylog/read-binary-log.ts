import { fromBinary } from "@bufbuild/protobuf";
import { type GrpcLogEntry, GrpcLogEntrySchema } from "../gen/grpc/binlog/v1/binarylog_pb.js";

/** The entries of a binary log. Throws with one sentence where it ends amid an entry, or holds what is none. */
export function* readBinaryLog(bytes: Uint8Array): Generator<GrpcLogEntry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const left = bytes.length - at;
    if (left < 4)
      throw new Error(
        `the binary log ends at byte ${bytes.length}, amid a length: expected 4 bytes, ${left} are there`,
      );
    const length = view.getUint32(at);
    if (length > left - 4) {
      throw new Error(`the entry at byte ${at} of the binary log is ${length} bytes, of which ${left - 4} are there`);
    }
    yield parse(bytes.subarray(at + 4, at + 4 + length), at);
    at += 4 + length;
  }
}

function parse(entry: Uint8Array, at: number): GrpcLogEntry {
  try {
    return fromBinary(GrpcLogEntrySchema, entry);
  } catch (cause) {
    throw new Error(`the entry at byte ${at} of the binary log is no GrpcLogEntry`, { cause });
  }
}
