/** Compiles h2spec and h2specd, at the versions that suite/go.mod and go.sum name, into a folder that git ignores. */
import { execFileSync, type SpawnSyncReturns, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const suite = `${root}interop-tests/h2spec/suite`;
const folder = `${root}.cache/h2spec`;
const commands = ["h2spec", "h2specd"] as const;

export interface Binaries {
  readonly h2spec: string;
  readonly h2specd: string;
}

/** Throws a sentence when there is no Go compiler and none can be had. */
export function installSuite(): Binaries {
  const binaries = { h2spec: `${folder}/h2spec`, h2specd: `${folder}/h2specd` };
  const stamp = `${folder}/built-from`;
  const wanted = createHash("sha256")
    .update(readFileSync(`${suite}/go.mod`))
    .update(readFileSync(`${suite}/go.sum`));
  const digest = wanted.digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return binaries;
  const packages = commands.map((command) => `github.com/summerwind/h2spec/cmd/${command}`);
  const args = ["build", "-mod=readonly", "-buildvcs=false", "-o", `${folder}/`, ...packages];
  let built = go(args);
  if (isMissing(built)) {
    installGo();
    built = go(args);
  }
  if (built.status !== 0) throw new Error(`go ${args.join(" ")} failed: ${built.error?.message ?? built.stderr}`);
  writeFileSync(stamp, digest);
  return binaries;
}

function go(args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync("go", args, { cwd: suite, encoding: "utf8" });
}

function isMissing({ error }: SpawnSyncReturns<string>): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
}

/** Debian's package will do. Only root may install it. */
function installGo(): void {
  try {
    if (process.getuid?.() !== 0) throw new Error("not root");
    execFileSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
    execFileSync("apt-get", ["install", "-y", "-qq", "golang-go"], { stdio: "ignore" });
  } catch {
    throw new Error("h2spec is a Go program and there is no `go`: install Go 1.19 or newer (Debian: golang-go)");
  }
}
