/** Peers that come with `npm ci`. */
import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { root } from "../matrix/cache-folder.js";
import type { InstalledPeer } from "../matrix/peer.js";

/** The program is `main.js` in the peer's folder. */
export async function nodePeer(folder: string, packageName: string): Promise<InstalledPeer> {
  const { version } = JSON.parse(readFileSync(`${root}node_modules/${packageName}/package.json`, "utf8"));
  const main = fileURLToPath(new URL(`./${folder}/main.js`, import.meta.url));
  const program = (side: string) => ({ command: process.execPath, args: [main, side] });
  return { version: `${version}, Node ${process.versions.node}`, server: program("server"), client: program("client") };
}
