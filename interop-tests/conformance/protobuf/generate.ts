import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cache, root, suite } from "./folders.js";

/** The messages that the runner asks for, by the file that defines them. */
const messages: readonly (readonly [file: string, type: string])[] = [
  ["test_messages_proto2", "protobuf_test_messages.proto2.TestAllTypesProto2"],
  ["test_messages_proto3", "protobuf_test_messages.proto3.TestAllTypesProto3"],
  ["test_messages_edition2023", "protobuf_test_messages.editions.TestAllTypesEdition2023"],
  ["test_messages_proto2_editions", "protobuf_test_messages.editions.proto2.TestAllTypesProto2"],
  ["test_messages_proto3_editions", "protobuf_test_messages.editions.proto3.TestAllTypesProto3"],
];

/** Modules of the generated code, below the folder that `generate` returns. */
export const modules = {
  protocol: "conformance/conformance_pb.js",
  service: "godwit/conformance/messages_godwit.js",
  files: messages.map(([file]) => `google/protobuf/${file}_pb.js`),
} as const;

/**
 * Generates messages and codecs of the suite's .proto files as a user does, for a service that takes and gives each of
 * the messages: the codecs of its methods are what is tested. Returns the folder.
 */
export function generate(): string {
  const protos = join(cache, "proto");
  const gen = join(cache, "gen");
  for (const folder of [protos, gen]) rmSync(folder, { recursive: true, force: true });
  cpSync(join(suite, "include"), protos, { recursive: true });
  mkdirSync(join(protos, "godwit", "conformance"), { recursive: true });
  writeFileSync(join(protos, "godwit", "conformance", "messages.proto"), serviceOf(messages));
  const bin = join(root, "node_modules", ".bin");
  const opt = ["target=js", "import_extension=js"];
  const plugins = [
    { local: "protoc-gen-es", out: gen, opt, strategy: "all", include_imports: true },
    { local: join(root, "plugin", "bin", "protoc-gen-godwit"), out: gen, opt, strategy: "all" },
  ];
  execFileSync(join(bin, "buf"), ["generate", protos, "--template", JSON.stringify({ version: "v2", plugins })], {
    cwd: cache,
    stdio: "inherit",
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}` },
  });
  return gen;
}

/** The messages for which the plugin wrote no codec. */
export function notCompiled(gen: string): string[] {
  return messages
    .filter(([file, type]) => {
      const path = join(gen, "google", "protobuf", `${file}_godwit.js`);
      const name = type.slice(type.lastIndexOf(".") + 1);
      return !existsSync(path) || !readFileSync(path, "utf8").includes(`function enc$${name}(`);
    })
    .map(([, type]) => type);
}

function serviceOf(types: typeof messages): string {
  const imports = types.map(([file]) => `import "google/protobuf/${file}.proto";`);
  const methods = types.map(([, type], i) => `  rpc Echo${i}(.${type}) returns (.${type});`);
  const service = ["service MessagesService {", ...methods, "}"];
  return ['syntax = "proto3";', "package godwit.conformance;", ...imports, ...service, ""].join("\n");
}
