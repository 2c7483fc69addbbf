/**
 * Code for google-protobuf in the shape of its own generator's, which npm carries as a downloader only: a class for each
 * message with accessors over jspb.Message, and functions that read and write it field by field. Knows what the measured
 * messages have, and no more.
 */
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

/** An ES module that exports `codecs`, by message name. */
export function jspbSource(roots: readonly DescMessage[]): string {
  const messages = [...new Set(roots.flatMap(withNested))];
  const entries = roots.map(({ name }) => {
    return `  ${name}: { decode: (bytes) => ${name}.deserializeBinary(bytes), encode: (message) => message.serializeBinary() },`;
  });
  return [
    'import jspb from "google-protobuf";',
    ...messages.map(classOf),
    "export const codecs = {",
    ...entries,
    "};",
    "",
  ].join("\n");
}

function withNested(desc: DescMessage): DescMessage[] {
  return [desc, ...desc.nestedMessages.flatMap(withNested)];
}

function classOf(desc: DescMessage): string {
  const { name, fields } = desc;
  const repeated = fields.filter(({ fieldKind }) => fieldKind === "list").map(({ number }) => number);
  const oneofs = desc.oneofs.map((oneof) => oneof.fields.map(({ number }) => number));
  return `
function ${name}(data) {
  jspb.Message.initialize(this, data, 0, -1, ${JSON.stringify(repeated)}, ${JSON.stringify(oneofs)});
}
jspb.inherits(${name}, jspb.Message);
${name}.oneofGroups = ${JSON.stringify(oneofs)};
${fields.map((field) => accessorsOf(name, field)).join("")}
${name}.deserializeBinary = function (bytes) {
  return ${name}.deserializeBinaryFromReader(new ${name}(), new jspb.BinaryReader(bytes));
};
${name}.deserializeBinaryFromReader = function (message, reader) {
  while (reader.nextField()) {
    if (reader.isEndGroup()) break;
    switch (reader.getFieldNumber()) {${fields.map(caseOf).join("")}
      default:
        reader.skipField();
    }
  }
  return message;
};
${name}.prototype.serializeBinary = function () {
  const writer = new jspb.BinaryWriter();
  ${name}.serializeBinaryToWriter(this, writer);
  return writer.getResultBuffer();
};
${name}.serializeBinaryToWriter = function (message, writer) {
  let value;${fields.map(writeOf).join("")}
};
`;
}

function accessorsOf(owner: string, field: DescField): string {
  const { number } = field;
  const [get, set] = [`${owner}.prototype.get${suffix(field)}`, `${owner}.prototype.set${suffix(field)}`];
  const group = field.oneof === undefined ? "" : `, ${owner}.oneofGroups[${field.parent.oneofs.indexOf(field.oneof)}]`;
  switch (field.fieldKind) {
    case "map":
      return `\n${get} = function () { return jspb.Message.getMapField(this, ${number}, false, null); };`;
    case "list": {
      if (field.message !== undefined) {
        return `
${get} = function () { return jspb.Message.getRepeatedWrapperField(this, ${field.message.name}, ${number}); };
${owner}.prototype.add${suffix(field)} = function (value) {
  return jspb.Message.addToRepeatedWrapperField(this, ${number}, value, ${field.message.name});
};`;
      }
      return `
${get} = function () { return jspb.Message.getRepeatedField(this, ${number}); };
${set} = function (value) { return jspb.Message.setField(this, ${number}, value); };
${owner}.prototype.add${suffix(field)} = function (value) { jspb.Message.addToRepeatedField(this, ${number}, value); };`;
    }
    case "message":
      return `
${get} = function () { return jspb.Message.getWrapperField(this, ${field.message.name}, ${number}); };
${set} = function (value) { return jspb.Message.${group === "" ? "setWrapperField" : "setOneofWrapperField"}(this, ${number}${group}, value); };`;
    default: {
      const [read, write, zero] = proto3Accessors(field);
      const setter = group !== "" ? "setOneofField" : isExplicit(field) ? "setField" : write;
      return `
${get} = function () { return jspb.Message.${read}(this, ${number}, ${zero}); };
${set} = function (value) { return jspb.Message.${setter}(this, ${number}${group}, value); };`;
    }
  }
}

function proto3Accessors(field: DescField): [read: string, write: string, zero: string] {
  if (field.fieldKind === "enum") return ["getFieldWithDefault", "setProto3EnumField", "0"];
  switch (field.scalar) {
    case ScalarType.STRING:
      return ["getFieldWithDefault", "setProto3StringField", '""'];
    case ScalarType.BYTES:
      return ["getFieldWithDefault", "setProto3BytesField", '""'];
    case ScalarType.BOOL:
      return ["getBooleanFieldWithDefault", "setProto3BooleanField", "false"];
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return ["getFloatingPointFieldWithDefault", "setProto3FloatField", "0.0"];
    default:
      return ["getFieldWithDefault", "setProto3IntField", "0"];
  }
}

function caseOf(field: DescField): string {
  const start = `\n      case ${field.number}:\n        `;
  const read = `reader.read${wordOf(field)}`;
  switch (field.fieldKind) {
    case "map": {
      const [key, value] = entryWords(field);
      const [keyZero, valueZero] = field.mapKey === ScalarType.STRING ? ['""', '""'] : ["0", "0"];
      return `${start}jspb.internal.public_for_gencode.deserializeMapFromBinary(
          message.get${suffix(field)}(), reader, jspb.BinaryReader.prototype.read${key}, ${keyZero}, jspb.BinaryReader.prototype.read${value}, ${valueZero},
        );
        break;`;
    }
    case "message":
    case "list": {
      if (field.message === undefined) {
        if (field.fieldKind === "list" && field.scalar === ScalarType.STRING) {
          return `${start}message.add${suffix(field)}(${read}());\n        break;`;
        }
        return `${start}reader.readPackable${wordOf(field)}Into(message.get${suffix(field)}());\n        break;`;
      }
      const { name } = field.message;
      const store = field.fieldKind === "list" ? "add" : "set";
      return `${start}{
          const child = new ${name}();
          reader.readMessage(child, ${name}.deserializeBinaryFromReader);
          message.${store}${suffix(field)}(child);
        }
        break;`;
    }
    default:
      return `${start}message.set${suffix(field)}(${read}());\n        break;`;
  }
}

function writeOf(field: DescField): string {
  const { number } = field;
  const get = `message.get${suffix(field)}()`;
  const value = `\n  value = ${get};`;
  switch (field.fieldKind) {
    case "map": {
      const [key, word] = entryWords(field);
      return `\n  value = message.get${suffix(field)}(true);
  if (value && value.getLength() > 0) {
    jspb.internal.public_for_gencode.serializeMapToBinary(
      value, ${number}, writer, jspb.BinaryWriter.prototype.write${key}, jspb.BinaryWriter.prototype.write${word},
    );
  }`;
    }
    case "list": {
      if (field.message !== undefined) {
        const { name } = field.message;
        return `${value}\n  if (value.length > 0) writer.writeRepeatedMessage(${number}, value, ${name}.serializeBinaryToWriter);`;
      }
      const kind = field.packed ? "Packed" : "Repeated";
      return `${value}\n  if (value.length > 0) writer.write${kind}${wordOf(field)}(${number}, value);`;
    }
    case "message": {
      const { name } = field.message;
      return `${value}\n  if (value != null) writer.writeMessage(${number}, value, ${name}.serializeBinaryToWriter);`;
    }
    default:
      if (isExplicit(field)) {
        return `\n  value = jspb.Message.getField(message, ${number});\n  if (value != null) writer.write${wordOf(field)}(${number}, value);`;
      }
      return `${value}\n  if (${isSet(field)}) writer.write${wordOf(field)}(${number}, value);`;
  }
}

function isSet(field: DescField): string {
  if (field.scalar === ScalarType.STRING || field.scalar === ScalarType.BYTES) return "value.length > 0";
  if (field.scalar === ScalarType.BOOL) return "value";
  return field.fieldKind === "enum" || field.scalar === ScalarType.DOUBLE ? "value !== 0.0" : "value !== 0";
}

function isExplicit(field: DescField): boolean {
  return field.oneof !== undefined || field.presence !== 2;
}

function entryWords(field: DescField & { fieldKind: "map" }): [key: string, value: string] {
  return [wordOfScalar(field.mapKey), wordOfScalar(field.scalar as ScalarType)];
}

function wordOf(field: DescField): string {
  return field.enum === undefined ? wordOfScalar(field.scalar as ScalarType) : "Enum";
}

/** As in writeInt32, readSfixed64. */
function wordOfScalar(type: ScalarType): string {
  const name = ScalarType[type] ?? "";
  return name.charAt(0) + name.slice(1).toLowerCase();
}

function suffix(field: DescField): string {
  const name = field.localName;
  return name.charAt(0).toUpperCase() + name.slice(1);
}
