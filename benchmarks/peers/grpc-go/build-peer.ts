/** Compiles the program in peer/, at the versions in its go.mod and go.sum, into a folder that git ignores. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const sources = "benchmarks/peers/grpc-go/peer";
const proto = "proto/godwit/testing/v1/echo.proto";
const cache = `${root}.cache/bench-grpc-go`;
const stamp = `${cache}/built-from`;
const goModule = "godwit.test/bench-peer";

/** Where the program is once it has been built. */
export const goPeer = `${cache}/peer`;

/** Whether what is there now has been built. */
export function isGoPeerBuilt(): boolean {
  return existsSync(goPeer) && existsSync(stamp) && readFileSync(stamp, "utf8") === digest();
}

/** Builds what has not been built. Throws a sentence where there is no Go, or it fails. */
export function buildGoPeer(): void {
  if (isGoPeerBuilt()) return;
  mkdirSync(cache, { recursive: true });
  run("go", ["version"], root);
  run(`${root}node_modules/.bin/buf`, ["generate", "--template", bufTemplate(), "--path", proto], root);
  run("go", ["build", "-mod=readonly", "-buildvcs=false", "-o", goPeer, "."], `${root}${sources}`);
  writeFileSync(stamp, digest());
}

/** Of grpc-go, and of the Go that has compiled it. */
export function goVersions(): string {
  const { status, stdout } = spawnSync("go", ["version", goPeer], { encoding: "utf8" });
  const version = /google\.golang\.org\/grpc v(\S+)/.exec(readFileSync(`${root}${sources}/go.mod`, "utf8"))?.[1];
  return `${version} (${status === 0 ? stdout.trim().split(": ").at(-1) : "Go unknown"})`;
}

/** Messages and stubs by Go's own plugins, which go.mod names as tools. */
function bufTemplate(): string {
  const opt = [`module=${goModule}`, `M${proto.slice("proto/".length)}=${goModule}/gen/echo`];
  const plugin = (name: string): object => ({ local: ["go", "-C", sources, "tool", name], out: sources, opt });
  return JSON.stringify({ version: "v2", plugins: [plugin("protoc-gen-go"), plugin("protoc-gen-go-grpc")] });
}

function digest(): string {
  const files = readdirSync(`${root}${sources}`, { withFileTypes: true }).filter((entry) => entry.isFile());
  const hash = createHash("sha256").update(readFileSync(`${root}${proto}`));
  for (const name of files.map((file) => file.name).sort()) {
    hash.update(name).update(readFileSync(`${root}${sources}/${name}`));
  }
  return hash.digest("hex");
}

function run(command: string, args: readonly string[], cwd: string): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (status === 0) return;
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") throw new Error(`there is no \`${command}\``);
  throw new Error(`${command} ${args.join(" ")} failed: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
}
