/** What the matrix knows of another implementation. */
import type { CaseName } from "../official/all-cases.js";
import type { Transport } from "./transport.js";

/** A program to start. Its flags follow `args`. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** An implementation that is there to be run. */
export interface InstalledPeer {
  /** Of the implementation, and of what it runs on: `1.85.0, go1.26.0`. */
  readonly version: string;
  /** Takes `--port` and its like, prints "listening PORT", and ends when its input does. */
  readonly server: Program;
  /** Takes `--server_port`, `--test_case=a,b` and their like, and prints "begin", and then "ok", "failed" or "cannot", with each name. */
  readonly client: Program;
}

/** Why a side of a peer does not do a case, in words for the table. */
export type Cannot = (name: CaseName, transport: Transport) => string | undefined;

export interface Peer {
  readonly name: string;
  /** What has to be on the machine: "Go 1.26". */
  readonly needs: string;
  /** Installs what is pinned, once, below `.cache/`. Rejects with one sentence when it cannot. */
  install(): Promise<InstalledPeer>;
  readonly serverCannot: Cannot;
  readonly clientCannot: Cannot;
}

/** Reasons by the name of the case, the same over every transport. */
export function cannotOf(reasons: Partial<Record<CaseName, string>>): Cannot {
  return (name) => reasons[name];
}

/** Of a client program of ours: there is more in the case with the probe. */
export const withProbe = "contained in the case with the probe, as far as this client can do that";
