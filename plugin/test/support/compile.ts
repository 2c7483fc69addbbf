import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { create, fromBinary } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  type CodeGeneratorResponse,
  type FileDescriptorProto,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { protocGenGodwit } from "../../src/plugin.js";
import { goldenDirectory, optionsProto, pluginRoot, tool } from "./paths.js";
import { writeFiles } from "./temporary-directory.js";

/** Descriptors of every .proto below a folder, imports included, as buf hands them to plugins. */
export function compileDirectory(directory: string): FileDescriptorProto[] {
  const bytes = execFileSync(tool("buf"), ["build", directory, "--as-file-descriptor-set", "-o", "-"], {
    maxBuffer: 64 << 20,
  });
  return fromBinary(FileDescriptorSetSchema, bytes).file;
}

/** Those of the golden .proto files; godwit/options.proto, which one of them imports, is not among them in the repository. */
export function compileGolden(): FileDescriptorProto[] {
  const names = readdirSync(goldenDirectory, { recursive: true, encoding: "utf8" });
  const protos = names.filter((name) => name.endsWith(".proto"));
  const sources = protos.map((name) => [name, readFileSync(join(goldenDirectory, name), "utf8")] as const);
  return compileSources({ ...Object.fromEntries(sources), "godwit/options.proto": readFileSync(optionsProto, "utf8") });
}

/** The same for sources given by path. */
export function compileSources(sources: Readonly<Record<string, string>>): FileDescriptorProto[] {
  const parent = join(pluginRoot, "build-test");
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, "sources-"));
  try {
    writeFiles(directory, sources);
    return compileDirectory(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A request for the named files; by default for all that are not google's. */
export function request(
  protoFile: FileDescriptorProto[],
  parameter: string,
  fileToGenerate: string[] = protoFile.map((file) => file.name).filter((name) => !name.startsWith("google/")),
): CodeGeneratorRequest {
  return create(CodeGeneratorRequestSchema, { protoFile, parameter, fileToGenerate });
}

/** Contents of a response by path. Throws the response's error. */
export function contents(response: CodeGeneratorResponse): Map<string, string> {
  if (response.error !== "") throw new Error(response.error);
  return new Map(response.file.map((file) => [file.name, file.content]));
}

/** Generates a stub for each source. */
export function generate(
  sources: Readonly<Record<string, string>>,
  parameter = "target=ts",
  fileToGenerate?: string[],
): Map<string, string> {
  return contents(protocGenGodwit.run(request(compileSources(sources), parameter, fileToGenerate)));
}

/** The error that generating ends with, or "" when there is none. */
export function generationError(sources: Readonly<Record<string, string>>, parameter = "target=ts"): string {
  return protocGenGodwit.run(request(compileSources(sources), parameter)).error;
}
