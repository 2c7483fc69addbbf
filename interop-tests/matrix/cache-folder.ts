import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Of the repository. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** A folder that git ignores, for what is installed or made by the way. */
export function cacheFolder(name: string): string {
  const folder = `${root}.cache/interop/${name}`;
  mkdirSync(folder, { recursive: true });
  return folder;
}
