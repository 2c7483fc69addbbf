/** google.protobuf.Timestamp and Duration: seconds and nanoseconds. */
import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import type { ByteSink } from "../../base/byte-sink.js";
import { isSet64, putInt64, zero64 } from "../compiled/put-int64.js";
import { putInt32 } from "../compiled/put-scalar.js";
import { putUnknown } from "../compiled/put-unknown.js";
import type { WireReader } from "../compiled/wire-reader.js";
import { wrongType } from "../message-init.js";
import { readFields } from "./read-fields.js";

const secondsTag = 8;
const nanosTag = 16;

export function encTimestamp(m: Timestamp, w: ByteSink): void {
  if (m?.$typeName !== "google.protobuf.Timestamp") wrongType(m, "google.protobuf.Timestamp");
  encode(m, w);
}

export function decTimestamp(r: WireReader, end: number, stop: number, target?: Timestamp): Timestamp {
  const m: Timestamp = target ?? { $typeName: "google.protobuf.Timestamp", seconds: zero64, nanos: 0 };
  return readFields(r, end, stop, m, readField);
}

export function encDuration(m: Duration, w: ByteSink): void {
  if (m?.$typeName !== "google.protobuf.Duration") wrongType(m, "google.protobuf.Duration");
  encode(m, w);
}

export function decDuration(r: WireReader, end: number, stop: number, target?: Duration): Duration {
  const m: Duration = target ?? { $typeName: "google.protobuf.Duration", seconds: zero64, nanos: 0 };
  return readFields(r, end, stop, m, readField);
}

function encode(m: Timestamp | Duration, w: ByteSink): void {
  if (isSet64(m.seconds)) putInt64(w, secondsTag, m.seconds);
  if (m.nanos !== 0) putInt32(w, nanosTag, m.nanos);
  if (m.$unknown !== undefined) putUnknown(w, m.$unknown);
}

function readField(m: Timestamp | Duration, tag: number, r: WireReader): boolean {
  if (tag === secondsTag) m.seconds = r.int64();
  else if (tag === nanosTag) m.nanos = r.int32();
  else return false;
  return true;
}
