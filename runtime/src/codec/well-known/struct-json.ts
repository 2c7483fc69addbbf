/** google.protobuf.Struct where it is a field: protobuf-es has a JSON object there. */
import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { type ListValue, NullValue, type Struct, type Value } from "@bufbuild/protobuf/wkt";
import type { ByteSink } from "../../base/byte-sink.js";
import { setEntry } from "../compiled/message-object.js";
import type { WireReader } from "../compiled/wire-reader.js";
import { decStruct, encStruct } from "./struct.js";

export function encBareStruct(json: JsonObject, w: ByteSink): void {
  encStruct(toStruct(json), w);
}

export function decBareStruct(r: WireReader, end: number, stop: number, target?: JsonObject): JsonObject {
  return fromStruct(decStruct(r, end, stop, target === undefined ? undefined : toStruct(target)));
}

function toStruct(json: JsonObject): Struct {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new TypeError(`a google.protobuf.Struct is ${json === null ? "null" : "no object"}, expected a JSON object`);
  }
  const fields: Record<string, Value> = {};
  for (const key of Object.keys(json)) setEntry(fields, key, toValue(json[key] as JsonValue));
  return { $typeName: "google.protobuf.Struct", fields };
}

/** What JSON does not know becomes a value of no kind. */
function toValue(json: JsonValue): Value {
  return { $typeName: "google.protobuf.Value", kind: toKind(json) };
}

function toKind(json: JsonValue): Value["kind"] {
  switch (typeof json) {
    case "number":
      return { case: "numberValue", value: json };
    case "string":
      return { case: "stringValue", value: json };
    case "boolean":
      return { case: "boolValue", value: json };
    case "object":
      if (json === null) return { case: "nullValue", value: NullValue.NULL_VALUE };
      return Array.isArray(json)
        ? { case: "listValue", value: toListValue(json) }
        : { case: "structValue", value: toStruct(json) };
    default:
      return { case: undefined };
  }
}

function toListValue(json: readonly JsonValue[]): ListValue {
  return { $typeName: "google.protobuf.ListValue", values: json.map(toValue) };
}

function fromStruct({ fields }: Struct): JsonObject {
  const json: JsonObject = {};
  for (const key of Object.keys(fields)) setEntry(json, key, fromValue(fields[key] as Value));
  return json;
}

function fromValue({ kind }: Value): JsonValue {
  switch (kind.case) {
    case "structValue":
      return fromStruct(kind.value);
    case "listValue":
      return kind.value.values.map(fromValue);
    case "nullValue":
    case undefined:
      return null;
    default:
      return kind.value;
  }
}
