/** Fetches the libraries that are compared, generates their code and bundles a module for each, below `.cache/`. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { jspbSource } from "./jspb-source.js";
import { messageNames, sampleNames, samples } from "./sample-messages.js";
import type { Library } from "./subject.js";

export const root = fileURLToPath(new URL("..", import.meta.resolve("godwit/package.json")));
const cache = join(root, ".cache", "bench-codec");

/** Exact, so that a figure says of what it is one. They are no dependencies of the workspace: nothing else wants them. */
export const versions: Readonly<Record<string, string>> = {
  protobufjs: "8.8.1",
  long: "5.3.2",
  "ts-proto": "2.18.0",
  "@protobuf-ts/plugin": "2.11.1",
  "@protobuf-ts/runtime": "2.11.1",
  "google-protobuf": "4.0.3",
};

/** A bundle to measure with, and what of it was generated for the messages. */
export interface Competitor {
  readonly bundle: string;
  readonly generated: readonly string[];
}

const names = sampleNames.map((name) => messageNames[name]);
/** protobuf-ts refuses files with an edition. */
const namesWithoutEdition = names.filter((name) => name !== messageNames.edition);

export async function prepareCompetitors(): Promise<Readonly<Record<Library, Competitor>>> {
  fetch();
  const gen = join(cache, "gen");
  rmSync(gen, { recursive: true, force: true });
  const plugin = (name: string, out: string, opt: string[]) => {
    return { local: join(cache, "node_modules", ".bin", name), out: join(gen, out), opt, strategy: "all" };
  };
  const tsProto = ["forceLong=bigint", "esModuleInterop=true", "outputJsonMethods=false", "outputPartialMethods=false"];
  generate([plugin("protoc-gen-ts_proto", "ts-proto", tsProto)], ["messages.proto", "edition.proto"]);
  generate([plugin("protoc-gen-ts", "protobuf-ts", ["long_type_bigint", "optimize_speed"])], ["messages.proto"]);
  mkdirSync(join(gen, "google-protobuf"), { recursive: true });
  const jspb = join(gen, "google-protobuf", "messages.js");
  writeFileSync(jspb, jspbSource(sampleNames.map((name) => samples[name].desc)));

  const own = join(root, "benchmarks", "gen", "godwit", "benchmark", "v1");
  const messages = filesIn(own, /^(messages|edition)_pb\.ts$/);
  const codecs = filesIn(own, /^(messages|edition)_godwit\.ts$/);
  const subjects = join(root, "benchmarks", "codec", "subjects");
  const godwit = await bundle("godwit", `export * from ${JSON.stringify(join(subjects, "godwit.ts"))};`);
  return {
    "protobuf-es": {
      bundle: await bundle(
        "protobuf-es",
        entry("protobuf-es", `import { subject } from ${JSON.stringify(join(subjects, "protobuf-es.ts"))};`),
      ),
      generated: messages,
    },
    godwit: { bundle: godwit, generated: [...messages, ...codecs] },
    "godwit-copied": { bundle: godwit, generated: [] },
    protobufjs: { bundle: await bundle("protobufjs", protobufjsEntry()), generated: [] },
    "ts-proto": {
      bundle: await bundle(
        "ts-proto",
        classesEntry("ts-proto", names, (name) => [`${name}.decode(bytes)`, `${name}.encode(message).finish()`]),
      ),
      generated: filesIn(join(gen, "ts-proto", "godwit", "benchmark", "v1"), /\.ts$/),
    },
    "protobuf-ts": {
      bundle: await bundle(
        "protobuf-ts",
        classesEntry("protobuf-ts", namesWithoutEdition, (name) => [
          `${name}.fromBinary(bytes)`,
          `${name}.toBinary(message)`,
        ]),
      ),
      generated: filesIn(join(gen, "protobuf-ts", "godwit", "benchmark", "v1"), /\.ts$/),
    },
    "google-protobuf": {
      bundle: await bundle(
        "google-protobuf",
        entry("google-protobuf", `import { codecs as subject } from ${JSON.stringify(jspb)};`),
      ),
      generated: [jspb],
    },
  };
}

function fetch(): void {
  const manifest = `${JSON.stringify({ private: true, dependencies: versions }, undefined, 2)}\n`;
  const file = join(cache, "package.json");
  if (existsSync(join(cache, "node_modules")) && existsSync(file) && readFileSync(file, "utf8") === manifest) return;
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  writeFileSync(file, manifest);
  // No scripts: one of the packages would download a compiler that nobody needs.
  execFileSync("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: cache, stdio: "inherit" });
}

function generate(plugins: readonly object[], protos: readonly string[]): void {
  const bin = join(root, "node_modules", ".bin");
  const paths = protos.flatMap((proto) => ["--path", `proto/godwit/benchmark/v1/${proto}`]);
  const template = JSON.stringify({ version: "v2", plugins });
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  execFileSync(join(bin, "buf"), ["generate", "--template", template, ...paths], { cwd: root, stdio: "inherit", env });
}

function entry(library: Library, imports: string): string {
  return `${imports}\nexport const subjects = { ${JSON.stringify(library)}: subject };\n`;
}

/** Of a library that makes an object for each message, with functions. */
function classesEntry(
  library: "ts-proto" | "protobuf-ts",
  messages: readonly string[],
  calls: (name: string) => readonly [decode: string, encode: string],
): string {
  const folder = join(cache, "gen", library, "godwit", "benchmark", "v1");
  const inEdition = messages.filter((name) => name === messageNames.edition);
  const others = messages.filter((name) => name !== messageNames.edition);
  const imports = [
    `import { ${others.join(", ")} } from ${JSON.stringify(join(folder, "messages.ts"))};`,
    ...inEdition.map((name) => `import { ${name} } from ${JSON.stringify(join(folder, "edition.ts"))};`),
  ];
  const codecs = messages.map((name) => {
    const [decode, encode] = calls(name);
    return `${name}: { decode: (bytes) => ${decode}, encode: (message) => ${encode} },`;
  });
  return entry(library, `${imports.join("\n")}\nconst subject = {\n${codecs.join("\n")}\n};`);
}

/** The functions that protobufjs compiles for a type, called directly: they are faster than those of the class. */
function protobufjsEntry(): string {
  const protos = ["messages.proto", "edition.proto"].map((name) =>
    join(root, "proto", "godwit", "benchmark", "v1", name),
  );
  return entry(
    "protobufjs",
    `import protobuf from "protobufjs";
const root = new protobuf.Root();
root.loadSync(${JSON.stringify(protos)});
root.resolveAll();
const subject = Object.fromEntries(${JSON.stringify(names)}.map((name) => {
  const type = root.lookupType("godwit.benchmark.v1." + name);
  type.setup();
  return [name, { decode: (bytes) => type.decode(bytes), encode: (message) => type.encode(message).finish() }];
}));`,
  );
}

async function bundle(library: Library, contents: string): Promise<string> {
  const outfile = join(cache, "bundles", `${library}.mjs`);
  await build({
    stdin: { contents, resolveDir: cache, sourcefile: `${library}.js` },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // A bundle of CommonJS modules asks for require.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    logLevel: "warning",
  });
  return outfile;
}

function filesIn(folder: string, pattern: RegExp): string[] {
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name));
}
