/** google.protobuf.Struct, Value and ListValue as messages; as fields, structs are JSON (struct-json.ts). */
import type { ListValue, Struct, Value } from "@bufbuild/protobuf/wkt";
import type { ByteSink } from "../../base/byte-sink.js";
import { keysOf, setEntry } from "../compiled/message-object.js";
import { beginNested, endNested } from "../compiled/put-nested.js";
import { putBool, putDouble, putInt32 } from "../compiled/put-scalar.js";
import { putString } from "../compiled/put-text.js";
import { putUnknown } from "../compiled/put-unknown.js";
import type { WireReader } from "../compiled/wire-reader.js";
import { wrongType } from "../message-init.js";
import { readFields } from "./read-fields.js";

export function encStruct(m: Struct, w: ByteSink): void {
  if (m?.$typeName !== "google.protobuf.Struct") wrongType(m, "google.protobuf.Struct");
  for (const key of keysOf(m.fields)) {
    const entry = beginNested(w, 10);
    putString(w, 10, key);
    const value = beginNested(w, 18);
    encValue(m.fields[key] as Value, w);
    endNested(w, value);
    endNested(w, entry);
  }
  if (m.$unknown !== undefined) putUnknown(w, m.$unknown);
}

export function decStruct(r: WireReader, end: number, stop: number, target?: Struct): Struct {
  const m: Struct = target ?? { $typeName: "google.protobuf.Struct", fields: {} };
  return readFields(r, end, stop, m, readStruct);
}

function readStruct(m: Struct, tag: number, r: WireReader, end: number): boolean {
  if (tag !== 10) return false;
  const entryEnd = r.enterPart(end);
  let key = "";
  let value: Value | undefined;
  while (r.position < entryEnd) {
    const part = r.tag();
    if (part === 10) key = r.string();
    else if (part === 18) value = decValue(r, r.enter(entryEnd), -1, value);
    else r.skip(part);
  }
  r.leavePart(entryEnd);
  setEntry(m.fields, key, value ?? decValue(r, r.enterEmpty(), -1));
  return true;
}

export function encValue(m: Value, w: ByteSink): void {
  if (m?.$typeName !== "google.protobuf.Value") wrongType(m, "google.protobuf.Value");
  const { kind } = m;
  switch (kind.case) {
    case "nullValue":
      putInt32(w, 8, kind.value);
      break;
    case "numberValue":
      putDouble(w, 17, kind.value);
      break;
    case "stringValue":
      putString(w, 26, kind.value);
      break;
    case "boolValue":
      putBool(w, 32, kind.value);
      break;
    case "structValue": {
      const start = beginNested(w, 42);
      encStruct(kind.value, w);
      endNested(w, start);
      break;
    }
    case "listValue": {
      const start = beginNested(w, 50);
      encListValue(kind.value, w);
      endNested(w, start);
      break;
    }
  }
  if (m.$unknown !== undefined) putUnknown(w, m.$unknown);
}

export function decValue(r: WireReader, end: number, stop: number, target?: Value): Value {
  const m: Value = target ?? { $typeName: "google.protobuf.Value", kind: { case: undefined } };
  return readFields(r, end, stop, m, readValue);
}

function readValue(m: Value, tag: number, r: WireReader, end: number): boolean {
  const before = m.kind;
  switch (tag) {
    case 8:
      m.kind = { case: "nullValue", value: r.int32() };
      return true;
    case 17:
      m.kind = { case: "numberValue", value: r.double() };
      return true;
    case 26:
      m.kind = { case: "stringValue", value: r.string() };
      return true;
    case 32:
      m.kind = { case: "boolValue", value: r.bool() };
      return true;
    case 42: {
      const target = before.case === "structValue" ? before.value : undefined;
      m.kind = { case: "structValue", value: decStruct(r, r.enter(end), -1, target) };
      return true;
    }
    case 50: {
      const target = before.case === "listValue" ? before.value : undefined;
      m.kind = { case: "listValue", value: decListValue(r, r.enter(end), -1, target) };
      return true;
    }
    default:
      return false;
  }
}

export function encListValue(m: ListValue, w: ByteSink): void {
  if (m?.$typeName !== "google.protobuf.ListValue") wrongType(m, "google.protobuf.ListValue");
  for (const value of m.values) {
    const start = beginNested(w, 10);
    encValue(value, w);
    endNested(w, start);
  }
  if (m.$unknown !== undefined) putUnknown(w, m.$unknown);
}

export function decListValue(r: WireReader, end: number, stop: number, target?: ListValue): ListValue {
  const m: ListValue = target ?? { $typeName: "google.protobuf.ListValue", values: [] };
  return readFields(r, end, stop, m, readListValue);
}

function readListValue(m: ListValue, tag: number, r: WireReader, end: number): boolean {
  if (tag !== 10) return false;
  m.values.push(decValue(r, r.enter(end), -1));
  return true;
}
