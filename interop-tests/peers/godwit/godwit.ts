/** We ourselves, as processes with the flags of the other languages' programs. */
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Peer, Program } from "../../matrix/peer.js";

const program = (name: string): Program => ({
  command: process.execPath,
  args: [fileURLToPath(new URL(`../../official/${name}.js`, import.meta.url))],
});

export const godwit: Peer = {
  name: "godwit",
  needs: "nothing",
  install: async () => ({ version: "of this repository", server: program("server"), client: program("client") }),
  serverCannot: () => undefined,
  clientCannot: () => undefined,
};
