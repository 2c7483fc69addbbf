/** Prints the function that makes an empty message, as protobuf-es's `create` would: the same prototype, keys and order. */
import type { DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { Edition } from "@bufbuild/protobuf/wkt";
import type { Printable } from "@bufbuild/protoplugin";
import { stringLiteral } from "../../string-literal.js";
import { access, type CodecFile, codecNames, propertyKey, typed } from "./codec-file.js";
import { enumZero, fieldKind, type ValueKind } from "./field-kind.js";

/** Whether messages of a type have a prototype that shows the defaults of fields with explicit presence. */
export function hasPrototype(message: DescMessage): boolean {
  switch (message.file.edition) {
    case Edition.EDITION_PROTO3:
      return false;
    case Edition.EDITION_PROTO2:
      return true;
    default:
      return message.fields.some((field) => {
        const kind = fieldKind(field);
        return kind.kind === "singular" && kind.value.kind !== "message" && kind.presence !== "implicit";
      });
  }
}

const objectPrototype = Object.prototype;

/** Whether an object that lacks the property shows one all the same. */
export function isOnEveryObject(name: string): boolean {
  return name in objectPrototype;
}

export function printCreate(file: CodecFile, message: DescMessage): void {
  const { f } = file;
  const { create, shape } = codecNames(f, message);
  const typeName = stringLiteral(message.typeName);
  const members = message.members.map((member) => [member.localName, initial(file, member)] as const);
  const initials = members.filter((entry): entry is [string, Printable[]] => entry[1] !== undefined);
  if (!hasPrototype(message)) {
    f.print("function ", create, "()", ...typed(file, ": any"), " {");
    f.print("  return {");
    f.print("    $typeName: ", typeName, ",");
    for (const [name, value] of initials) f.print("    ", propertyKey(name), ": ", ...value, ",");
    f.print("  };");
  } else {
    f.print("let ", shape, ...typed(file, ": ", file.runtimeType("MessageConstructor"), " | undefined"), ";");
    f.print("function ", create, "()", ...typed(file, ": any"), " {");
    const construct = [shape, " ??= ", file.runtime("shapeOf"), "(", f.importSchema(message), ")"];
    f.print("  const m", ...typed(file, ": any"), " = new (", ...construct, ")();");
    f.print("  m.$typeName = ", typeName, ";");
    for (const [name, value] of initials) f.print("  m", access(name), " = ", ...value, ";");
    f.print("  return m;");
  }
  f.print("}");
  f.print();
}

/** What an empty message has in a member; undefined: no property. */
function initial(file: CodecFile, member: DescField | DescOneof): Printable[] | undefined {
  if (member.kind === "oneof") return ["{ case: undefined }"];
  const kind = fieldKind(member);
  switch (kind.kind) {
    case "list":
      return ["[]"];
    case "map":
      return ["{}"];
    default:
      return kind.kind === "singular" && kind.presence === "implicit" ? zeroOf(file, kind.value) : undefined;
  }
}

/** The default of a value that is no message. */
export function zeroOf(file: CodecFile, value: ValueKind): Printable[] {
  if (value.kind === "message") return ["undefined"];
  if (value.kind === "enum") return [String(enumZero(value.desc))];
  if (value.isText) return ['"0"'];
  const { zero } = value.scalar;
  return typeof zero === "string" ? [zero] : [file.runtime(zero.import)];
}
