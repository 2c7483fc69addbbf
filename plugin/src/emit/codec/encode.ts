/** Prints the function that appends a message's fields to a sink, in the order of their numbers. */
import { type DescField, type DescMessage, isFieldSet } from "@bufbuild/protobuf";
import { FieldDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { Printable } from "@bufbuild/protoplugin";
import { stringLiteral } from "../../string-literal.js";
import { access, type CodecFile, codecNames, encodeCall, typed } from "./codec-file.js";
import {
  enumZero,
  type FieldKind,
  fieldKind,
  groupEndTagOf,
  packedTagOf,
  tagOf,
  type ValueKind,
} from "./field-kind.js";
import { hasPrototype, isOnEveryObject } from "./message-shape.js";

export function printEncoder(file: CodecFile, message: DescMessage): void {
  const { f } = file;
  const { encode } = codecNames(f, message);
  const parameters = [
    "m",
    ...typed(file, ": ", f.importShape(message)),
    ", w",
    ...typed(file, ": ", file.runtimeType("ByteSink")),
  ];
  const typeName = stringLiteral(message.typeName);
  f.print(f.export("function", encode), "(", ...parameters, ")", ...typed(file, ": void"), " {");
  f.print("  if (m?.$typeName !== ", typeName, ") ", file.runtime("wrongType"), "(m, ", typeName, ");");
  const fields = [...message.fields].sort((a, b) => a.number - b.number);
  for (const field of fields) printField(file, field);
  f.print("  if (m.$unknown !== undefined) ", file.runtime("putUnknown"), "(w, m.$unknown);");
  f.print("}");
  f.print();
}

function printField(file: CodecFile, field: DescField): void {
  const kind = fieldKind(field);
  switch (kind.kind) {
    case "singular":
      printSingular(file, field, kind);
      break;
    case "oneof":
      printOneofCase(file, field, kind);
      break;
    case "list":
      printList(file, field, kind);
      break;
    case "map":
      printMap(file, field, kind);
      break;
  }
}

function printSingular(file: CodecFile, field: DescField, kind: FieldKind & { kind: "singular" }): void {
  const { f } = file;
  const v = `v${field.number}`;
  f.print("  const ", v, " = m", access(field.localName), ";");
  f.print("  if (", ...isSet(file, field, kind, v), ") {");
  printValue(file, field.number, kind.value, v, "    ");
  if (kind.presence === "required") {
    f.print("  } else {");
    f.print("    ", file.runtime("missing"), "(", stringLiteral(field.toString()), ");");
  }
  f.print("  }");
}

/** The condition under which a field is written. */
function isSet(
  file: CodecFile,
  field: DescField,
  { value, presence }: FieldKind & { kind: "singular" },
  v: string,
): Printable[] {
  if (presence === "implicit") return differsFromZero(file, value, v);
  const isThere = `${v} !== undefined`;
  const hasOwn = [file.runtime("hasOwn"), "(m, ", stringLiteral(field.localName), ")"];
  if (value.kind === "message" || !hasPrototype(field.parent)) {
    return isOnEveryObject(field.localName) ? [isThere, " && ", ...hasOwn] : [isThere];
  }
  // The prototype shows a default, and nothing else: what differs from it is the message's own.
  if (hasDefault(field)) return [isThere, " && ", ...hasOwn];
  return [isThere, " && (", ...differsFromZero(file, value, v), " || ", ...hasOwn, ")"];
}

/** Whether the .proto names a default, which may be another one than the zero of the type. */
function hasDefault(field: DescField): boolean {
  return isFieldSet(field.proto, FieldDescriptorProtoSchema.field.defaultValue);
}

function differsFromZero(file: CodecFile, value: ValueKind, v: string): Printable[] {
  if (value.kind === "message") return [v, " !== undefined"];
  if (value.kind === "enum") return [v, ` !== ${enumZero(value.desc)}`];
  const { name, zero, is64 } = value.scalar;
  if (is64) return [file.runtime("isSet64"), "(", v, ")"];
  if (name === "Bytes") return [file.runtime("isSetBytes"), "(", v, ")"];
  if (name === "Float" || name === "Double") return [file.runtime("isSetFloat"), "(", v, ")"];
  return [v, ` !== ${String(zero)}`];
}

function printOneofCase(file: CodecFile, field: DescField, { oneof, value }: FieldKind & { kind: "oneof" }): void {
  const { f } = file;
  const o = `v${field.number}`;
  f.print("  const ", o, " = m", access(oneof.localName), ";");
  f.print("  if (", o, ".case === ", stringLiteral(field.localName), ") {");
  printValue(file, field.number, value, `${o}.value`, "    ");
  f.print("  }");
}

function printList(file: CodecFile, field: DescField, { value, isPacked }: FieldKind & { kind: "list" }): void {
  const { f } = file;
  if (isPacked) {
    const name = value.kind === "scalar" ? value.scalar.name : "Int32";
    f.print("  ", file.runtime(`pack${name}`), `(w, ${packedTagOf(field.number)}, m`, access(field.localName), ");");
    return;
  }
  const list = [...typed(file, ": readonly any[]"), " = m", access(field.localName)];
  f.print("  for (let i = 0, a", ...list, "; i < a.length; i++) {");
  printValue(file, field.number, value, "a[i]", "    ");
  f.print("  }");
}

function printMap(file: CodecFile, field: DescField, { key, value }: FieldKind & { kind: "map" }): void {
  const { f } = file;
  const v = `v${field.number}`;
  f.print("  const ", v, ...typed(file, ": any"), " = m", access(field.localName), ";");
  f.print("  for (const k of ", file.runtime("keysOf"), "(", v, ")) {");
  f.print("    const e = ", file.runtime("beginNested"), `(w, ${packedTagOf(field.number)});`);
  printValue(file, 1, key, mapKey(file, key), "    ");
  printValue(file, 2, value, `${v}[k]`, "    ");
  f.print("    ", file.runtime("endNested"), "(w, e);");
  f.print("  }");
}

/** A key as the encoding has it; as a property of an object it is text. */
function mapKey(file: CodecFile, { scalar }: ValueKind & { kind: "scalar" }): Printable[] {
  if (scalar.name === "String" || scalar.is64) return ["k"];
  return [file.runtime(scalar.name === "Bool" ? "boolKey" : "numberKey"), "(k)"];
}

/** Statements that write one value with its tag. */
function printValue(
  file: CodecFile,
  number: number,
  value: ValueKind,
  expression: Printable,
  indentation: string,
): void {
  const { f } = file;
  const tag = tagOf(number, value);
  if (value.kind !== "message") {
    const name = value.kind === "scalar" ? value.scalar.name : "Int32";
    f.print(indentation, file.runtime(`put${name}`), `(w, ${tag}, `, expression, ");");
    return;
  }
  if (value.isGroup) {
    f.print(indentation, file.runtime("putGroup"), `(w, ${tag});`);
    f.print(indentation, ...encodeCall(file, value, expression));
    f.print(indentation, file.runtime("putGroup"), `(w, ${groupEndTagOf(number)});`);
    return;
  }
  f.print(indentation, "const n = ", file.runtime("beginNested"), `(w, ${tag});`);
  f.print(indentation, ...encodeCall(file, value, expression));
  f.print(indentation, file.runtime("endNested"), "(w, n);");
}
