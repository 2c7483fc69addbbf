/** Installing peers: once for what their sources are now, by the tools of their languages. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Builds `product` unless it was built from the same files. */
export async function buildOnce(product: string, sources: string, build: () => Promise<void>): Promise<void> {
  const stamp = `${product}.built-from`;
  const digest = digestOf(sources);
  if (existsSync(product) && existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return;
  await build();
  writeFileSync(stamp, digest);
}

function digestOf(folder: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const file of files.map(({ parentPath, name }) => join(parentPath, name)).sort()) {
    hash.update(file.slice(folder.length)).update("\0").update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** Runs a tool to its end and resolves with its output. Rejects with one sentence when it is not there, and with its last words when it fails. */
export function run(command: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.once("error", (error: NodeJS.ErrnoException) => {
      reject(new Error(error.code === "ENOENT" ? `there is no \`${command}\`` : error.message));
    });
    child.once("close", (code) => {
      const words = `${output}${errors}`.trim().split("\n").slice(-15).join("\n");
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.join(" ")} ended with ${code}: ${words}`));
    });
  });
}
