/** Gets the encoders and decoders of others: a Go program is compiled, a Python package installed, both below `.cache/`. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../../../", import.meta.url));
const sources = `${root}runtime/test/hpack/differential`;
const cache = `${root}.cache/hpack`;

/** Each is a command that answers questions: see peer.ts. */
export interface PeerCommand {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export function installPeers(): PeerCommand[] {
  const binary = `${cache}/go-hpack`;
  run("go", ["build", "-mod=readonly", "-buildvcs=false", "-o", binary, "."], "golang-go", `${sources}/go`);
  const packages = `${cache}/python`;
  const requirements = `${sources}/python/requirements.txt`;
  const options = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore", "--upgrade"];
  const install = ["-m", "pip", "install", ...options, "--target", packages, "--require-hashes", "-r", requirements];
  run("python3", install, "python3-pip", sources);
  const env = { ...process.env, PYTHONPATH: packages };
  return [
    { name: "Go's x/net", command: binary, args: [], env: process.env },
    { name: "Python's hpack", command: "python3", args: [`${sources}/python/peer.py`], env },
  ];
}

/** Runs a tool of Debian's, which is installed first if it is not there and we are root. Throws a sentence. */
function run(command: string, args: readonly string[], debianPackage: string, cwd: string): void {
  const start = (): SpawnSyncReturns<string> => spawnSync(command, args, { cwd, encoding: "utf8" });
  let result = start();
  if (isMissing(result) && process.getuid?.() === 0) {
    spawnSync("apt-get", ["update", "-qq"]);
    spawnSync("apt-get", ["install", "-y", "-qq", debianPackage]);
    result = start();
  }
  if (isMissing(result)) throw new Error(`there is no \`${command}\`: install it (Debian: ${debianPackage})`);
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${result.stderr}`);
}

function isMissing({ error }: SpawnSyncReturns<string>): boolean {
  return (error as NodeJS.ErrnoException | undefined)?.code === "ENOENT";
}
