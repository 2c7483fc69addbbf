import { execFileSync, spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, stop } from "esbuild";
import { goldenDirectory, optionsProto, repositoryRoot, tool } from "./paths.js";
import { writeFiles } from "./temporary-directory.js";

const runtimeEntry = join(repositoryRoot, "runtime", "src", "codegen", "v1.ts");

/** What a careful project asks of its code, generated or not. */
const strictest = {
  strict: true,
  verbatimModuleSyntax: true,
  isolatedDeclarations: true,
  erasableSyntaxOnly: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  noPropertyAccessFromIndexSignature: true,
};

/** Module settings by name of moduleResolution. */
const resolutions = {
  nodenext: { module: "nodenext", moduleResolution: "nodenext" },
  bundler: { module: "esnext", moduleResolution: "bundler" },
} as const;

export type Resolution = keyof typeof resolutions;

/** Fills a folder with the golden stubs and the messages that protoc-gen-es makes for them. */
export function createStubProject(directory: string, target: "ts" | "js+dts"): void {
  cpSync(goldenDirectory, directory, { recursive: true });
  cpSync(optionsProto, join(directory, "godwit", "options.proto"));
  const options = [`target=${target}`, "import_extension=js", "erasable_syntax=true"];
  const plugin = { local: tool("protoc-gen-es"), out: directory, opt: options, strategy: "all" };
  const template = JSON.stringify({ version: "v2", plugins: [plugin] });
  execFileSync(tool("buf"), ["generate", directory, "--template", template]);
}

/** Writes the runtime's declarations as the package ships them, so that a stub is checked against those and no source. */
export function emitRuntimeDeclarations(directory: string): void {
  const config = {
    extends: join(repositoryRoot, "tsconfig.json"),
    compilerOptions: {
      composite: false,
      sourceMap: false,
      declaration: true,
      emitDeclarationOnly: true,
      stripInternal: true,
      types: ["node"],
      rootDir: join(repositoryRoot, "runtime", "src"),
      outDir: join(directory, "godwit"),
    },
    files: [runtimeEntry],
    references: [],
  };
  writeFiles(directory, { "tsconfig.runtime.json": JSON.stringify(config) });
  typeCheck(directory, "tsconfig.runtime.json");
}

/** Checks files of a folder; the diagnostics, or "" when there are none. */
export function checkStubs(directory: string, resolution: Resolution, files: readonly string[]): string {
  const config = {
    compilerOptions: {
      ...strictest,
      ...resolutions[resolution],
      target: "es2023",
      lib: ["es2023", "esnext.disposable"],
      types: ["node"],
      declaration: true,
      noEmit: true,
      skipLibCheck: false,
      paths: { "godwit/codegen/v1": ["./godwit/codegen/v1.d.ts"] },
    },
    files,
  };
  const name = `tsconfig.${resolution}.json`;
  writeFiles(directory, { [name]: JSON.stringify(config), "package.json": JSON.stringify({ type: "module" }) });
  const { stdout, stderr } = spawnSync(tool("tsc"), ["-p", join(directory, name)], { encoding: "utf8" });
  return stdout + stderr;
}

/** Checks files with TypeScript 5.4, the oldest that is promised: without the flags that came later. */
export function checkStubsWithOldTypeScript(directory: string, files: readonly string[]): string {
  const { isolatedDeclarations: _, erasableSyntaxOnly: __, ...known } = strictest;
  const config = {
    compilerOptions: {
      ...known,
      ...resolutions.nodenext,
      target: "es2022",
      lib: ["es2022", "esnext.disposable"],
      types: ["node"],
      noEmit: true,
      skipLibCheck: true,
      paths: { "godwit/codegen/v1": ["./godwit/codegen/v1.d.ts"] },
    },
    files,
  };
  writeFiles(directory, {
    "tsconfig.old.json": JSON.stringify(config),
    "package.json": JSON.stringify({ type: "module" }),
  });
  const fromProtoplugin = createRequire(fileURLToPath(import.meta.resolve("@bufbuild/protoplugin")));
  const arguments_ = [fromProtoplugin.resolve("typescript/bin/tsc"), "-p", join(directory, "tsconfig.old.json")];
  const { stdout, stderr } = spawnSync(process.execPath, arguments_, { encoding: "utf8" });
  return stdout + stderr;
}

/** Bundles a module of the folder with the runtime's sources, for running it. */
export async function bundle(directory: string, entry: string, resolveExtensions: string[]): Promise<string> {
  const outfile = join(directory, `${entry}.bundle.mjs`);
  await build({
    entryPoints: [join(directory, entry)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    resolveExtensions,
    alias: { "godwit/codegen/v1": runtimeEntry },
    logLevel: "error",
  });
  // Its process would wait for the next build.
  await stop();
  return outfile;
}

function typeCheck(directory: string, config: string): void {
  const { status, stdout } = spawnSync(tool("tsc"), ["-p", join(directory, config)], { encoding: "utf8" });
  if (status !== 0) throw new Error(stdout);
}
