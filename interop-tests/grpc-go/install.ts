/** Compiles the client of grpc-go, at the version that client/go.mod and go.sum name, into a folder that git ignores. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const sources = `${root}interop-tests/grpc-go/client`;
const folder = `${root}.cache/grpc-go`;
const binary = `${folder}/client`;
const stamp = `${folder}/built-from`;

/** The client, if it has been built from what is there now. */
export function builtGoClient(): string | undefined {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === digest() ? binary : undefined;
}

/** Throws a sentence when there is no Go compiler, or it fails. */
export function buildGoClient(): void {
  if (builtGoClient() !== undefined) return;
  const args = ["build", "-mod=readonly", "-buildvcs=false", "-o", binary, "."];
  const { error, status, stderr } = spawnSync("go", args, { cwd: sources, encoding: "utf8" });
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") {
    throw new Error("there is no `go`: install Go 1.26 or newer");
  }
  if (status !== 0) throw new Error(`go ${args.join(" ")} failed: ${error?.message ?? stderr}`);
  writeFileSync(stamp, digest());
}

function digest(): string {
  const hash = createHash("sha256");
  for (const name of ["main.go", "go.mod", "go.sum"]) hash.update(readFileSync(`${sources}/${name}`));
  return hash.digest("hex");
}
