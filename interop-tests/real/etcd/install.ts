/** Builds etcd, and our stubs from the .proto files of the very modules that it is built from. Nothing of it is committed. */
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGoModule, dependencyFolder, type GoModule } from "../../support/go-module.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const app = join(root, "interop-tests/real/etcd/app");
const protos = join(root, ".cache/etcd/protos");
const server: GoModule = {
  folder: "interop-tests/real/etcd/server",
  cache: "etcd",
  packages: ["."],
  wants: "etcd is a program in Go 1.26 or newer",
};

export interface EtcdInstallation {
  readonly binary: string;
  /** The compiled cases. */
  readonly cases: string;
}

/** Throws a sentence when something cannot be had. */
export function installEtcd(): EtcdInstallation {
  const binary = join(buildGoModule(server), "etcd");
  copyProtos();
  const template = JSON.stringify({ version: "v2", plugins: [es, godwit] });
  run("buf", ["generate", protos, "--template", template]);
  run("tsc", ["-p", app]);
  return { binary, cases: join(app, "build/etcd.test.js") };
}

const out = join(app, "gen");
const opt = ["target=ts", "import_extension=js"];
const es = { local: "protoc-gen-es", out, opt, strategy: "all", include_imports: true };
const godwit = { local: join(root, "plugin/bin/protoc-gen-godwit"), out, opt, strategy: "all" };

/** etcd's own, and the annotations that they import. */
function copyProtos(): void {
  for (const folder of [protos, out, join(app, "build")]) rmSync(folder, { recursive: true, force: true });
  const api = dependencyFolder(server, "go.etcd.io/etcd/api/v3");
  for (const path of ["etcdserverpb/rpc.proto", "mvccpb/kv.proto", "authpb/auth.proto", "versionpb/version.proto"]) {
    copy(join(api, path), join("etcd/api", path));
  }
  const gateway = dependencyFolder(server, "github.com/grpc-ecosystem/grpc-gateway/v2");
  for (const name of ["annotations.proto", "openapiv2.proto"]) {
    const path = join("protoc-gen-openapiv2/options", name);
    copy(join(gateway, path), path);
  }
  const google = dirname(fileURLToPath(import.meta.resolve("protobufjs/google/api/http.proto")));
  for (const name of ["annotations.proto", "http.proto"]) copy(join(google, name), join("google/api", name));
}

function copy(from: string, to: string): void {
  const target = join(protos, to);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(from, target);
}

function run(command: string, args: readonly string[]): void {
  const bin = join(root, "node_modules/.bin");
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"]}` };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
}
