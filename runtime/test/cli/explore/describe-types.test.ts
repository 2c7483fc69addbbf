import assert from "node:assert/strict";
import { clone, createFileRegistry, type DescFile } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { commentOf, commentOfValue } from "../../../src/cli/explore/comments.js";
import { describeTypes } from "../../../src/cli/explore/describe-types.js";
import type { FieldView } from "../../../src/cli/explore/protocol.js";
import { RequiredSchema } from "../../gen/godwit/testing/codec/v1/proto2_pb.js";
import {
  LeafSchema,
  MapsSchema,
  OneofsSchema,
  OptionalsSchema,
  ScalarsSchema,
  TreeSchema,
} from "../../gen/godwit/testing/codec/v1/proto3_pb.js";
import { EchoService, file_godwit_testing_v1_echo as echoFile } from "../../gen/godwit/testing/v1/echo_pb.js";

function fieldsOf(desc: Parameters<typeof describeTypes>[0]): Record<string, FieldView> {
  const { root, messages } = describeTypes(desc);
  return Object.fromEntries((messages[root]?.fields ?? []).map((field) => [field.name, field]));
}

/** The file as a server sends it that keeps comments. */
function withComments(
  file: DescFile,
  comments: readonly (readonly [path: number[], leading: string, trailing?: string])[],
): DescFile {
  const proto = clone(FileDescriptorProtoSchema, file.proto);
  const location = comments.map(([path, leadingComments, trailingComments = ""]) => ({
    path,
    leadingComments,
    trailingComments,
  }));
  const registry = createFileRegistry(
    Object.assign(proto, {
      sourceCodeInfo: {
        $typeName: "google.protobuf.SourceCodeInfo",
        location: location.map((each) => ({
          $typeName: "google.protobuf.SourceCodeInfo.Location",
          span: [],
          leadingDetachedComments: [],
          ...each,
        })),
      },
    }),
    (name) => file.dependencies.find(({ proto: its }) => its.name === name)?.proto,
  );
  return registry.getFile(file.proto.name) ?? assert.fail("no file");
}

describe("what a form of a message is made of", () => {
  it("names scalars, enums and messages", () => {
    const { messages, enums } = describeTypes(ScalarsSchema);
    const fields = fieldsOf(ScalarsSchema);
    for (const name of ["int32", "int64", "sfixed64", "float", "double", "bool", "string", "bytes"]) {
      assert.equal(fields[name]?.type, name);
      assert.equal(fields[name]?.hasPresence, false, name);
    }
    assert.equal(fields["leaf"]?.type, "message");
    assert.equal(fields["leaf"]?.typeName, LeafSchema.typeName);
    assert.equal(fields["leaf"]?.hasPresence, true);
    assert.ok(messages[LeafSchema.typeName]);
    const color = enums[fields["color"]?.typeName ?? ""]?.values.map(({ name, number }) => `${name}=${number}`);
    assert.deepEqual(color, ["COLOR_UNSPECIFIED=0", "COLOR_RED=1", "COLOR_BLUE=5", "COLOR_NEGATIVE=-3"]);
  });

  it("tells apart what is there from what is zero, and what must be there", () => {
    const optional = fieldsOf(OptionalsSchema);
    assert.equal(optional["int32"]?.hasPresence, true);
    // The oneof of an optional field is how it is written down, and no choice.
    assert.equal(optional["int32"]?.oneof, undefined);
    assert.ok(Object.values(fieldsOf(RequiredSchema)).some(({ isRequired }) => isRequired));
  });

  it("has keys of maps, and members of oneofs", () => {
    const maps = Object.values(fieldsOf(MapsSchema));
    assert.ok(maps.every(({ shape, key }) => shape === "map" && key !== undefined));
    assert.ok(Object.values(fieldsOf(OneofsSchema)).some(({ oneof }) => oneof !== undefined));
  });

  it("has an end for what contains itself", () => {
    const { messages } = describeTypes(TreeSchema);
    assert.ok(messages[TreeSchema.typeName]?.fields.some(({ typeName }) => typeName === TreeSchema.typeName));
  });

  it("has comments where the server sends them, and none where it does not", () => {
    const method = EchoService.method.unary;
    assert.equal(commentOf(method), "");
    const file = withComments(echoFile, [
      [[6, 0], " Answers.\n For tests.\n"],
      [[6, 0, 2, 0], " One message each way.\n"],
      [[4, 0, 2, 1], " In bytes.\n", " Behind it.\n"],
    ]);
    const [service] = file.services;
    assert.ok(service);
    assert.equal(commentOf(service), "Answers.\nFor tests.");
    assert.equal(commentOf(service.methods[0] ?? method), "One message each way.");
    assert.equal(commentOf(service.methods[1] ?? method), "");
    const [message] = file.messages;
    assert.equal(
      message && describeTypes(message).messages[message.typeName]?.fields[1]?.comment,
      "In bytes.\nBehind it.",
    );
  });

  it("has comments of values", () => {
    const color = ScalarsSchema.fields.find(({ name }) => name === "color")?.enum;
    assert.ok(color);
    const index = color.file.proto.enumType.indexOf(color.proto);
    const file = withComments(color.file, [[[5, index, 2, 1], " Like a fire engine.\n"]]);
    const commented = file.enums.find(({ typeName }) => typeName === color.typeName);
    assert.equal(commented && commentOfValue(commented, 1), "Like a fire engine.");
  });
});
