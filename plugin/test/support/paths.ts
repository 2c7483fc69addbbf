import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The package's own folder, wherever the tests were compiled to. */
export const pluginRoot: string = findPackage(dirname(fileURLToPath(import.meta.url)));
export const repositoryRoot: string = dirname(pluginRoot);
export const goldenDirectory: string = join(pluginRoot, "test", "golden");

/** What a .proto imports that says something about its calls. */
export const optionsProto: string = join(repositoryRoot, "proto", "godwit", "options.proto");

/** A tool of the workspace: buf, tsc, protoc-gen-es. */
export function tool(name: string): string {
  return join(repositoryRoot, "node_modules", ".bin", name);
}

function findPackage(directory: string): string {
  return existsSync(join(directory, "bin", "protoc-gen-godwit")) ? directory : findPackage(dirname(directory));
}
