import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Copies .proto files and nothing else. */
export function copyProtos(from: string, to: string): void {
  for (const path of protosIn(from)) {
    const target = join(to, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(join(from, path)));
  }
}

/** Removes files that import what is not there, and then those that import them. Returns how many stay and how many go. */
export function dropIncomplete(folder: string): { readonly kept: number; readonly dropped: number } {
  let dropped = 0;
  for (;;) {
    const paths = protosIn(folder);
    const incomplete = paths.filter((path) => importsOf(join(folder, path)).some((name) => !isThere(folder, name)));
    for (const path of incomplete) rmSync(join(folder, path));
    dropped += incomplete.length;
    if (incomplete.length === 0) return { kept: paths.length, dropped };
  }
}

function protosIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".proto"));
}

function importsOf(file: string): string[] {
  const imports = readFileSync(file, "utf8").matchAll(/^\s*import\s+(?:public\s+|weak\s+)?"([^"]+)"/gm);
  return [...imports].map(([, name]) => name as string);
}

/** Every compiler brings the files of google/protobuf. */
function isThere(folder: string, name: string): boolean {
  return name.startsWith("google/protobuf/") || existsSync(join(folder, name));
}
