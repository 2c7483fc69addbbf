/** google.protobuf.Any, Empty and FieldMask. */
import type { Any, Empty, FieldMask } from "@bufbuild/protobuf/wkt";
import type { ByteSink } from "../../base/byte-sink.js";
import { noBytes } from "../compiled/message-object.js";
import { isSetBytes, putBytes, putString } from "../compiled/put-text.js";
import { putUnknown } from "../compiled/put-unknown.js";
import type { WireReader } from "../compiled/wire-reader.js";
import { wrongType } from "../message-init.js";
import { readFields } from "./read-fields.js";

export function encAny(m: Any, w: ByteSink): void {
  if (m?.$typeName !== "google.protobuf.Any") wrongType(m, "google.protobuf.Any");
  if (m.typeUrl !== "") putString(w, 10, m.typeUrl);
  if (isSetBytes(m.value)) putBytes(w, 18, m.value);
  if (m.$unknown !== undefined) putUnknown(w, m.$unknown);
}

export function decAny(r: WireReader, end: number, stop: number, target?: Any): Any {
  const m: Any = target ?? { $typeName: "google.protobuf.Any", typeUrl: "", value: noBytes };
  return readFields(r, end, stop, m, readAny);
}

function readAny(m: Any, tag: number, r: WireReader): boolean {
  if (tag === 10) m.typeUrl = r.string();
  else if (tag === 18) m.value = r.bytes();
  else return false;
  return true;
}

export function encEmpty(m: Empty, w: ByteSink): void {
  if (m?.$typeName !== "google.protobuf.Empty") wrongType(m, "google.protobuf.Empty");
  if (m.$unknown !== undefined) putUnknown(w, m.$unknown);
}

export function decEmpty(r: WireReader, end: number, stop: number, target?: Empty): Empty {
  const m: Empty = target ?? { $typeName: "google.protobuf.Empty" };
  return readFields(r, end, stop, m, () => false);
}

export function encFieldMask(m: FieldMask, w: ByteSink): void {
  if (m?.$typeName !== "google.protobuf.FieldMask") wrongType(m, "google.protobuf.FieldMask");
  for (const path of m.paths) putString(w, 10, path);
  if (m.$unknown !== undefined) putUnknown(w, m.$unknown);
}

export function decFieldMask(r: WireReader, end: number, stop: number, target?: FieldMask): FieldMask {
  const m: FieldMask = target ?? { $typeName: "google.protobuf.FieldMask", paths: [] };
  return readFields(r, end, stop, m, readFieldMask);
}

function readFieldMask(m: FieldMask, tag: number, r: WireReader): boolean {
  if (tag !== 10) return false;
  m.paths.push(r.string());
  return true;
}
