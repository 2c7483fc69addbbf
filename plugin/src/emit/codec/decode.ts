/** Prints the function that reads a message's fields. */
import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Printable } from "@bufbuild/protoplugin";
import { stringLiteral } from "../../string-literal.js";
import { access, type CodecFile, codecNames, decodeCall, typed } from "./codec-file.js";
import {
  type FieldKind,
  fieldKind,
  groupEndTagOf,
  isPackable,
  type MessageKind,
  packedTagOf,
  tagOf,
  type ValueKind,
} from "./field-kind.js";
import { isOnEveryObject, zeroOf } from "./message-shape.js";

export function printDecoder(file: CodecFile, message: DescMessage): void {
  const { f } = file;
  const { decode, create } = codecNames(f, message);
  const shape = f.importShape(message);
  const number = typed(file, ": number");
  f.print(
    ...[f.export("function", decode), "(r", ...typed(file, ": ", file.runtimeType("WireReader"))],
    ...[", end", ...number, ", stop", ...number, ", target", ...typed(file, "?: ", shape), ")"],
    ...[...typed(file, ": ", shape), " {"],
  );
  f.print("  const m", ...typed(file, ": any"), " = target ?? ", create, "();");
  f.print("  let u", ...typed(file, ": ", file.runtimeType("UnknownField"), "[] | undefined"), " = target?.$unknown;");
  f.print("  while (r.position < end) {");
  f.print("    const t = r.tag();");
  printSwitch(file, message.fields);
  f.print("    if (t === stop) {");
  f.print("      stop = -1;");
  f.print("      break;");
  f.print("    }");
  f.print("    u = r.unknown(t, u);");
  f.print("  }");
  f.print("  r.leave(end, stop);");
  f.print("  if (u !== undefined) m.$unknown = u;");
  f.print("  return m;");
  f.print("}");
  f.print();
}

function printSwitch(file: CodecFile, fields: readonly DescField[]): void {
  const { f } = file;
  if (fields.length === 0) return;
  f.print("    switch (t >>> 3) {");
  for (const field of fields) {
    f.print(`      case ${field.number}:`);
    printField(file, field);
    f.print("        break;");
  }
  f.print("    }");
}

/** Prints what is done for one tag, and that the next one follows. */
function printCase(file: CodecFile, tag: number, ...statements: Printable[][]): void {
  const { f } = file;
  f.print(`        if (t === ${tag}) {`);
  for (const statement of statements) f.print("          ", ...statement);
  f.print("          continue;");
  f.print("        }");
}

function printField(file: CodecFile, field: DescField): void {
  const kind = fieldKind(field);
  const target = `m${access(field.localName)}`;
  const tag = tagOf(field.number, kind.value);
  switch (kind.kind) {
    case "singular":
      printCase(file, tag, ...singular(file, field, kind.value, target));
      break;
    case "oneof":
      printCase(file, tag, ...oneofCase(file, field, kind));
      break;
    case "list":
      printList(file, field, kind, target);
      break;
    case "map":
      printMap(file, field, kind, target);
      break;
  }
}

function singular(file: CodecFile, field: DescField, value: ValueKind, target: string): Printable[][] {
  if (value.kind !== "message") return assign(file, value, (result) => [target, " = ", ...result, ";"]);
  const existing = isOnEveryObject(field.localName)
    ? [file.runtime("own"), "(m, ", stringLiteral(field.localName), ")"]
    : [target];
  return [[target, " = ", ...readMessage(file, field.number, value, existing), ";"]];
}

function oneofCase(file: CodecFile, field: DescField, { oneof, value }: FieldKind & { kind: "oneof" }): Printable[][] {
  const target = `m${access(oneof.localName)}`;
  const name = stringLiteral(field.localName);
  const set = (result: Printable[]) => [target, " = { case: ", name, ", value: ", ...result, " };"];
  if (value.kind !== "message") return assign(file, value, set);
  const existing = [target, ".case === ", name, " ? ", target, ".value : undefined"];
  return [set(readMessage(file, field.number, value, existing))];
}

/** Sets a value; one that a closed enum does not know is kept beside the message's fields. */
function assign(file: CodecFile, value: ValueKind, set: (result: Printable[]) => Printable[]): Printable[][] {
  if (value.kind !== "enum" || value.desc.open) return [set(readValue(file, value))];
  return [
    ["const v = r.int32();"],
    ["if (", file.runtime("hasNumber"), "(", file.f.importSchema(value.desc), ", v)) ", ...set(["v"])],
    ["else u = m.$unknown = ", file.runtime("unknownEnum"), "(t, v, u);"],
  ];
}

function printList(file: CodecFile, field: DescField, { value }: FieldKind & { kind: "list" }, target: string): void {
  if (isPackable(value)) {
    const name = value.kind === "scalar" ? value.scalar.name : "Int32";
    const isText = value.kind === "scalar" && value.isText;
    const unpack = file.runtime(`unpack${name}`);
    printCase(
      file,
      packedTagOf(field.number),
      isText ? [file.runtime("unpackText64"), "(r, ", target, ", ", unpack, ");"] : [unpack, "(r, ", target, ");"],
    );
  }
  const element = value.kind === "message" ? readMessage(file, field.number, value, undefined) : readValue(file, value);
  printCase(file, tagOf(field.number, value), [target, ".push(", ...element, ");"]);
}

function printMap(
  file: CodecFile,
  field: DescField,
  { key, value }: FieldKind & { kind: "map" },
  target: string,
): void {
  const any = typed(file, ": any");
  const read = value.kind === "message" ? readMessage(file, 2, value, ["v"], "e") : readValue(file, value);
  const empty = value.kind === "message" ? decodeCall(file, value, "r.enterEmpty()", -1, undefined) : undefined;
  printCase(
    file,
    packedTagOf(field.number),
    ["const e = r.enterPart(end);"],
    ["let k", ...any, " = ", ...zeroOf(file, key), ";"],
    ["let v", ...any, " = ", ...zeroOf(file, value), ";"],
    ["while (r.position < e) {"],
    ["  const c = r.tag();"],
    [`  if (c === ${tagOf(1, key)}) k = `, ...readValue(file, key), ";"],
    [`  else if (c === ${tagOf(2, value)}) v = `, ...read, ";"],
    ["  else r.skip(c);"],
    ["}"],
    ["r.leavePart(e);"],
    [file.runtime("setEntry"), "(", target, ", k, ", ...(empty === undefined ? ["v"] : ["v ?? ", ...empty]), ");"],
  );
}

function readValue(file: CodecFile, value: ValueKind): Printable[] {
  if (value.kind !== "scalar") return ["r.int32()"];
  const { name, read } = value.scalar;
  if (name === "String" && !value.isStrict) return ["r.laxString()"];
  return value.isText ? [file.runtime("text64"), `(r.${read}())`] : [`r.${read}()`];
}

function readMessage(
  file: CodecFile,
  number: number,
  value: MessageKind,
  target: Printable[] | undefined,
  end = "end",
): Printable[] {
  return value.isGroup
    ? decodeCall(file, value, `r.enterGroup(${end})`, groupEndTagOf(number), target)
    : decodeCall(file, value, `r.enter(${end})`, -1, target);
}
