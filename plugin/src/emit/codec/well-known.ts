/** Messages whose codecs the runtime brings: those of google/protobuf/*.proto that people use. */
import type { DescMessage } from "@bufbuild/protobuf";

/** What the runtime exports: two functions `enc…` and `dec…`, or one object that has functions for wrapper and bare value. */
export type WellKnown =
  | { readonly kind: "functions"; readonly name: string }
  | { readonly kind: "wrapper"; readonly name: string };

const functions = (name: string): WellKnown => ({ kind: "functions", name });
const wrapper = (name: string): WellKnown => ({ kind: "wrapper", name });

const wellKnown: ReadonlyMap<string, ReadonlyMap<string, WellKnown>> = new Map([
  ["google/protobuf/any.proto", new Map([["Any", functions("Any")]])],
  ["google/protobuf/duration.proto", new Map([["Duration", functions("Duration")]])],
  ["google/protobuf/empty.proto", new Map([["Empty", functions("Empty")]])],
  ["google/protobuf/field_mask.proto", new Map([["FieldMask", functions("FieldMask")]])],
  ["google/protobuf/struct.proto", new Map(["Struct", "Value", "ListValue"].map((name) => [name, functions(name)]))],
  ["google/protobuf/timestamp.proto", new Map([["Timestamp", functions("Timestamp")]])],
  [
    "google/protobuf/wrappers.proto",
    new Map([
      ["DoubleValue", wrapper("doubleValue")],
      ["FloatValue", wrapper("floatValue")],
      ["Int64Value", wrapper("int64Value")],
      ["UInt64Value", wrapper("uint64Value")],
      ["Int32Value", wrapper("int32Value")],
      ["UInt32Value", wrapper("uint32Value")],
      ["BoolValue", wrapper("boolValue")],
      ["StringValue", wrapper("stringValue")],
      ["BytesValue", wrapper("bytesValue")],
    ]),
  ],
]);

/** Undefined: the runtime does not know the message. */
export function wellKnownOf(message: DescMessage): WellKnown | undefined {
  const { file, typeName, name } = message;
  return typeName === `google.protobuf.${name}` ? wellKnown.get(file.proto.name)?.get(name) : undefined;
}
