/** Programs in Go, compiled at the versions that a go.mod and a go.sum beside it name, into a folder that git ignores. */
import { execFileSync, type SpawnSyncReturns, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface GoModule {
  /** Folder of the module, from the repository's. */
  readonly folder: string;
  /** Folder below `.cache/` for what is compiled. */
  readonly cache: string;
  /** Import paths of commands; `.` is the module itself. */
  readonly packages: readonly string[];
  /** What this is and which Go it wants, for whoever has no compiler. */
  readonly wants: string;
}

/** The folder that the programs are in, if they have been compiled from what is there now. */
export function builtGoModule(module: GoModule): string | undefined {
  const stamp = `${cacheOf(module)}/built-from`;
  return existsSync(stamp) && readFileSync(stamp, "utf8") === digest(module) ? cacheOf(module) : undefined;
}

/** Returns that folder. As root on Debian the compiler is installed if there is none. Throws a sentence when it fails. */
export function buildGoModule(module: GoModule): string {
  const built = builtGoModule(module);
  if (built !== undefined) return built;
  const folder = cacheOf(module);
  const args = ["build", "-mod=readonly", "-buildvcs=false", "-o", `${folder}/`, ...module.packages];
  let result = go(module, args);
  if (isMissing(result)) {
    installGo(module.wants);
    result = go(module, args);
  }
  if (result.status !== 0) throw new Error(`go ${args.join(" ")} failed: ${result.error?.message ?? result.stderr}`);
  writeFileSync(`${folder}/built-from`, digest(module));
  return folder;
}

/** The folder of a module that this one is built from, as its path and version are in go.mod. */
export function dependencyFolder(module: GoModule, path: string): string {
  const { status, stdout, stderr } = go(module, ["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", path]);
  if (status !== 0) throw new Error(`${path} is not a dependency of ${module.folder}: ${stderr}`);
  return stdout.trim();
}

function cacheOf(module: GoModule): string {
  return `${root}.cache/${module.cache}`;
}

function digest(module: GoModule): string {
  const folder = `${root}${module.folder}`;
  const hash = createHash("sha256").update(module.packages.join(" "));
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(`${folder}/${name}`));
  return hash.digest("hex");
}

function go(module: GoModule, args: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync("go", args, { cwd: `${root}${module.folder}`, encoding: "utf8" });
}

function isMissing({ error }: SpawnSyncReturns<string>): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
}

/** Debian's package will do. Only root may install it. */
function installGo(wants: string): void {
  try {
    if (process.getuid?.() !== 0) throw new Error("not root");
    execFileSync("apt-get", ["update", "-qq"], { stdio: "ignore" });
    execFileSync("apt-get", ["install", "-y", "-qq", "golang-go"], { stdio: "ignore" });
  } catch {
    throw new Error(`${wants}, and there is no \`go\` (Debian: golang-go)`);
  }
}
