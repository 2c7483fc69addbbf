// Builds everything from sources: messages by buf, the runtime, the plugin, the stubs that the plugin generates, and what uses them.
import { execFileSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildPlugin } from "./build-plugin.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
const bin = (name) => join(root, "node_modules", ".bin", name);

function run(command, args) {
  try {
    execFileSync(command, args, {
      stdio: "inherit",
      env: { ...process.env, PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH}` },
    });
  } catch {
    process.stderr.write(`build: "${[command.replace(root, ""), ...args].join(" ")}" failed\n`);
    process.exit(1);
  }
}

/** Generated code is never committed: these are the folders that buf fills. */
function generate(template, paths) {
  run(bin("buf"), ["generate", "--template", template, ...paths.flatMap((path) => ["--path", path])]);
}

const es = (out) => ({
  local: "protoc-gen-es",
  out,
  opt: ["target=ts", "import_extension=js"],
  strategy: "all",
  include_imports: true,
});
const godwit = (out) => ({
  local: join(root, "plugin", "bin", "protoc-gen-godwit"),
  out,
  opt: ["target=ts", "import_extension=js"],
  strategy: "all",
});
const template = (...plugins) => JSON.stringify({ version: "v2", plugins });

const stubs = (folder, paths) => generate(template(es(`${folder}/gen`), godwit(`${folder}/gen`)), paths);

const outputs = [
  ...["runtime/dist", "runtime/build", "runtime/proto", "plugin/dist", "plugin/build"],
  ...["interop-tests/build", "benchmarks/build", "examples/build"],
  // Generated code too: a file that is left over from before would hide that nothing makes it any more.
  ...["runtime/src/gen", "runtime/test/gen", "plugin/src/gen", "interop-tests/gen", "benchmarks/gen", "examples/gen"],
];

async function bundleRuntime() {
  await build({
    entryPoints: {
      index: "runtime/src/index.ts",
      cli: "runtime/src/cli/cli.ts",
      "codegen/v1": "runtime/src/codegen/v1.ts",
      "services/all": "runtime/src/services/all.ts",
      "services/channelz": "runtime/src/services/channelz.ts",
      "services/health": "runtime/src/services/health.ts",
      "services/orca": "runtime/src/services/orca.ts",
      "services/reflection": "runtime/src/services/reflection.ts",
      "binarylog/binarylog": "runtime/src/binarylog/binarylog.ts",
      "cluster/cluster": "runtime/src/cluster/cluster.ts",
      "jwt/jwt": "runtime/src/jwt/jwt.ts",
      "opentelemetry/opentelemetry": "runtime/src/opentelemetry/opentelemetry.ts",
    },
    outdir: "runtime/dist",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    packages: "external",
    // Written into dist as such: what nobody uses of a chunk is left out by a user's bundler, which would keep unknown calls.
    pure: ["Object.freeze", "Object.keys", "Object.entries", "Object.values", "Object.fromEntries"],
    sourcemap: "linked",
    sourcesContent: false,
    chunkNames: "chunks/[name]-[hash]",
    logLevel: "warning",
  });
}

/** What `godwit explore` serves: for browsers, in files of its own that no import reaches. */
async function bundlePage() {
  const source = "runtime/src/cli/explore/page";
  const target = "runtime/dist/explore";
  await build({
    entryPoints: [`${source}/page.ts`],
    outfile: `${target}/page.js`,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2023",
    logLevel: "warning",
  });
  for (const name of ["page.html", "page.css"]) cpSync(`${source}/${name}`, `${target}/${name}`);
}

/** `demo` builds what the demo needs, `generate` stops before the tests are compiled, nothing builds all. */
async function main(goal) {
  for (const folder of outputs) rmSync(folder, { recursive: true, force: true });
  generate(template(es("runtime/src/gen")), [
    ...[
      "proto/google/rpc/status.proto",
      "proto/google/rpc/error_details.proto",
      "proto/grpc/binlog",
      "proto/grpc/channelz",
      "proto/grpc/health",
      "proto/grpc/reflection",
      "proto/xds",
    ],
    "proto/godwit/options.proto",
  ]);
  cpSync("proto/godwit/options.proto", "runtime/proto/godwit/options.proto");
  generate(template(es("plugin/src/gen")), ["proto/godwit/options.proto"]);
  run(bin("tsc"), ["-b", "runtime"]);
  await bundleRuntime();
  await bundlePage();
  run(bin("tsc"), ["-b", "plugin"]);
  await buildPlugin();
  stubs("examples", ["proto/godwit/demo"]);
  if (goal === "demo") {
    run(bin("tsc"), ["-b", "examples"]);
    return;
  }
  stubs("runtime/test", ["proto/godwit/testing", "proto/google/rpc", "proto/opentelemetry"]);
  stubs("interop-tests", ["proto/connectrpc", "proto/grpc/testing", "proto/godwit/testing/v1", "proto/google/rpc"]);
  stubs("benchmarks", ["proto/godwit/testing/v1", "proto/godwit/benchmark"]);
  if (goal !== "generate") run(bin("tsc"), ["-b"]);
}

await main(process.argv[2]);
