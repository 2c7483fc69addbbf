/** Our channelz.proto was written anew: what goes over the wire is compared with the copy that grpc-js brings. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { type DescriptorProto, type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { loadSync, type MessageTypeDefinition } from "@grpc/proto-loader";
import { Channelz } from "godwit/channelz";

function theirs(): FileDescriptorProto {
  const folder = dirname(createRequire(import.meta.url).resolve("@grpc/grpc-js/package.json"));
  const definitions = loadSync(join(folder, "proto/channelz.proto"), { keepCase: true });
  const channel = definitions["grpc.channelz.v1.Channel"];
  const { fileDescriptorProtos } = channel as MessageTypeDefinition<object, object>;
  const files = fileDescriptorProtos.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
  return files.find((file) => file.package === "grpc.channelz.v1") ?? assert.fail("their file is missing");
}

/** What a reader on the other side relies on, one line for each field, value and method. */
function contract(file: FileDescriptorProto): string[] {
  const lines: string[] = [];
  const addMessage = (scope: string, { name, field, oneofDecl, nestedType, enumType }: DescriptorProto): void => {
    const path = `${scope}.${name}`;
    for (const each of field) {
      const typeName = each.typeName.split(".").at(-1) ?? "";
      const oneof = each.oneofIndex === undefined ? "" : (oneofDecl[each.oneofIndex]?.name ?? "");
      lines.push([path, each.number, each.name, each.type, each.label, typeName, oneof].join(" "));
    }
    for (const each of enumType)
      for (const value of each.value) lines.push(`${path}.${each.name} ${value.number} ${value.name}`);
    for (const each of nestedType) addMessage(path, each);
  };
  for (const each of file.messageType) addMessage("", each);
  for (const service of file.service) for (const method of service.method) lines.push(`${service.name}/${method.name}`);
  return lines.sort();
}

describe("channelz.proto", () => {
  it("has the fields, numbers and types of everybody's", () => {
    const ours = contract(Channelz.desc.file.proto);
    assert.ok(ours.length > 100);
    assert.deepEqual(ours, contract(theirs()));
  });
});
