/** The program: the command line, then stdin to stdout. The only file of the plugin that knows of a process. */
import { runNodeJs } from "@bufbuild/protoplugin";
import { optionUsages } from "./options.js";
import { createProtocGenGodwit } from "./plugin.js";

const protocGenGodwit = createProtocGenGodwit((sentence) => process.stderr.write(`warning: ${sentence}\n`));

const help = `protoc-gen-godwit ${protocGenGodwit.version}: generates gRPC clients and servers for the runtime godwit.

It is run by buf or protoc, which give it a google.protobuf.compiler.CodeGeneratorRequest on stdin and take a
CodeGeneratorResponse from stdout; protoc-gen-es generates the messages beside it, into the same folder.

  buf.gen.yaml   - { local: protoc-gen-godwit, out: src/gen, opt: [target=ts, import_extension=js], strategy: all }
  protoc         protoc --godwit_out=src/gen --godwit_opt=target=ts,import_extension=js shop.proto

Options:
${optionUsages.map((usage) => `  ${usage}\n`).join("")}
Flags:
  -h, --help     prints this
  -v, --version  prints the version
`;

const argument = process.argv[2];
if (argument === "--help" || argument === "-h") {
  process.stdout.write(help);
} else if (argument === undefined && process.stdin.isTTY) {
  process.stderr.write(help);
  process.exitCode = 1;
} else {
  runNodeJs(protocGenGodwit);
}
