import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pluginRoot } from "./paths.js";

/**
 * Makes a folder for one test file, removed when its tests are done. It lies in the package, so that what is written
 * there finds the workspace's node_modules.
 */
export function temporaryDirectory(name: string): string {
  const parent = join(pluginRoot, "build-test");
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, `${name}-`));
  after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes files by their path relative to the folder. */
export function writeFiles(directory: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
}
