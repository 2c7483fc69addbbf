import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { clearField, fromBinary } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import type { Check } from "./check.js";
import { grpcurlFlags } from "./grpcurl.js";
import { runTool } from "./run-tool.js";

const root = fileURLToPath(new URL("..", import.meta.resolve("godwit/package.json")));
export const buf = `${dirname(createRequire(import.meta.url).resolve("@bufbuild/buf/package.json"))}/bin/buf`;

/** What grpcurl was told of the services' files is what buf makes of the .proto files, but for comments. */
export const descriptorChecks: readonly Check[] = [
  {
    name: "grpcurl -protoset-out",
    async run({ tools, door }) {
      const folder = mkdtempSync(join(tmpdir(), "godwit-tools-"));
      try {
        const told = join(folder, "told.binpb");
        const made = join(folder, "made.binpb");
        const out = await runTool(tools.grpcurl, [
          ...grpcurlFlags(door),
          "-protoset-out",
          told,
          door.address,
          "describe",
        ]);
        assert.equal(out.exitCode, 0, out.stderr);
        const built = await runTool(process.execPath, [buf, "build", "proto", "-o", made], root);
        assert.equal(built.exitCode, 0, built.stderr);
        const expected = new Map(readSet(made).map((file) => [file.name, file]));
        const files = readSet(told);
        for (const file of files) assert.deepEqual(bare(file), bare(expected.get(file.name) ?? assert.fail(file.name)));
        return `${files.length} files, each as in the .proto`;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  },
];

function readSet(path: string): FileDescriptorProto[] {
  return fromBinary(FileDescriptorSetSchema, readFileSync(path)).file;
}

/** Without comments, buf's own field, and names in JSON, which compilers write down and others reckon. */
function bare(file: FileDescriptorProto): FileDescriptorProto {
  clearField(file, FileDescriptorProtoSchema.field.sourceCodeInfo);
  file.$unknown = [];
  for (const message of file.messageType) dropJsonNames(message);
  for (const extension of file.extension) extension.jsonName = "";
  return file;
}

function dropJsonNames(message: DescriptorProto): void {
  for (const field of [...message.field, ...message.extension]) field.jsonName = "";
  for (const nested of message.nestedType) dropJsonNames(nested);
}
