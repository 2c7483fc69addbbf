import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/** As strict as a user may be. */
const compilerOptions = {
  target: "es2023",
  lib: ["es2023"],
  module: "nodenext",
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  isolatedDeclarations: true,
  erasableSyntaxOnly: true,
  declaration: true,
  skipLibCheck: true,
  outDir: "js",
  rootDir: "ts",
};

export interface Generated {
  /** Compiled JavaScript. */
  readonly folder: string;
  /** Paths below it of what protoc-gen-es wrote. */
  readonly modules: readonly string[];
}

/** Generates and type-checks messages and codecs of every .proto file below `protos`. Throws when either fails. */
export function generate(root: string, protos: string, work: string): Generated {
  for (const folder of ["ts", "js"]) rmSync(join(work, folder), { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const bin = join(root, "node_modules", ".bin");
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  const run = (command: string, args: string[]): void => {
    execFileSync(join(bin, command), args, { cwd: work, env, stdio: ["ignore", "inherit", "inherit"] });
  };
  const opt = ["target=ts", "import_extension=js"];
  const es = {
    local: "protoc-gen-es",
    out: "ts",
    opt: [...opt, "erasable_syntax=true"],
    strategy: "all",
    include_imports: true,
  };
  const godwit = join(root, "plugin", "bin", "protoc-gen-godwit");
  const codecs = { local: godwit, out: "ts", opt: [...opt, "codec=all"], strategy: "all" };
  run("buf", ["generate", protos, "--template", JSON.stringify({ version: "v2", plugins: [es, codecs] })]);
  writeFileSync(join(work, "package.json"), '{"type":"module"}\n');
  writeFileSync(join(work, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["ts"] }));
  run("tsc", ["-p", "tsconfig.json"]);
  const folder = join(work, "js");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return { folder, modules: files.filter((path) => path.endsWith("_pb.js")).sort() };
}
