/** What there is to run, in order. */

import { evils } from "./attacks/evil-server.js";
import type { AttackName } from "./attacks/index.js";
import {
  boundsUnread,
  coalesces,
  defusesLargeBomb,
  defusesSmallBomb,
  endsAttacker,
  endsFlood,
  type Judge,
  reapsStalled,
  refusesBomb,
  refusesBombs,
  survives,
  survivesExhaustion,
  survivesReconnecting,
  survivesServer,
} from "./gates.js";

interface BenchBase {
  /** For the command line; several benches may have the same. */
  readonly name: string;
  readonly variant: string;
  readonly title: string;
  readonly judge: Judge;
}

export interface ServerBench extends BenchBase {
  readonly attack: AttackName;
  readonly attackers: number;
  /** Shorter, it would show nothing. */
  readonly leastSeconds?: number;
  /** Files that the server may have open. */
  readonly fileLimit?: number;
}

export interface ClientBench extends BenchBase {
  /** The server that attacks. */
  readonly evil: string;
}

export type Bench = ServerBench | ClientBench;

export function idOf({ name, variant }: Bench): string {
  return variant === "" ? name : `${name}/${variant}`;
}

const one = { variant: "", attackers: 1 } as const;

function flood(name: string, attack: AttackName, title: string, variant = ""): ServerBench {
  return { name, variant, title, attack, attackers: 1, judge: endsFlood };
}

const serverBenches: readonly ServerBench[] = [
  {
    name: "rapid-reset",
    variant: "once",
    title: "Rapid reset, 50,000 a second on one connection",
    attack: "reset-once",
    attackers: 1,
    judge: endsAttacker,
  },
  {
    name: "rapid-reset",
    variant: "reconnecting",
    title: "Rapid reset, two attackers that come back, flat out",
    attack: "reset-reconnecting",
    attackers: 2,
    judge: survivesReconnecting,
  },
  {
    name: "rapid-reset",
    variant: "below-limit",
    title: "Rapid reset, two attackers that come back, 190 streams a connection: below every limit",
    attack: "reset-below-limit",
    attackers: 2,
    judge: survives,
  },
  {
    name: "made-you-reset",
    variant: "once",
    title: "WINDOW_UPDATE frames of 0 on stream after stream, 50,000 a second on one connection",
    attack: "provoke-once",
    attackers: 1,
    judge: endsAttacker,
  },
  flood("made-you-reset", "malformed-once", "Malformed headers on stream after stream, flat out", "malformed"),
  {
    name: "made-you-reset",
    variant: "reconnecting",
    title: "Malformed headers on stream after stream, two attackers that come back, flat out",
    attack: "malformed-reconnecting",
    attackers: 2,
    judge: survivesReconnecting,
  },
  {
    name: "made-you-reset",
    variant: "reconnecting-zero",
    title: "WINDOW_UPDATE frames of 0 on stream after stream, two attackers that come back, flat out",
    attack: "provoke-reconnecting",
    attackers: 2,
    // The control ends a connection at the first such frame, as if it were no stream error (RFC 9113 §6.9): it is not put to the test.
    judge: (ours) => survivesReconnecting(ours, undefined),
  },
  flood("continuation", "continuation", "A header block that never ends", "endless"),
  flood("continuation", "empty-continuation", "CONTINUATION frames with nothing in them", "empty"),
  {
    name: "hpack-bomb",
    variant: "large",
    title: "10 connections × 100 streams × 16 KiB of references to a field of 4 KiB",
    attack: "bomb-large",
    attackers: 1,
    judge: defusesLargeBomb,
  },
  {
    name: "hpack-bomb",
    variant: "small",
    title: "10 connections × 100 streams × 120 references, within every limit and held",
    attack: "bomb-small",
    attackers: 1,
    judge: defusesSmallBomb,
  },
  flood("settings", "settings", "SETTINGS frames", "plain"),
  flood("settings", "window-churn", "SETTINGS frames that move the windows of 100 streams", "windows"),
  flood("ping", "ping", "PING frames", "read"),
  flood("ping", "unread-ping", "PING frames of which the answers are not read", "unread"),
  flood("window-update", "window-update", "WINDOW_UPDATE frames of a connection and a stream"),
  flood("priority", "priority", "PRIORITY frames of idle streams"),
  flood("rst", "rst", "RST_STREAM frames of one stream, again and again"),
  flood("empty-data", "empty-data", "DATA frames with nothing in them"),
  {
    ...one,
    name: "tiny-data",
    title: "1,000,000 DATA frames of one octet on 50 streams",
    attack: "tiny-data",
    judge: coalesces,
  },
  {
    name: "slow-read",
    variant: "messages",
    title: "1,000 connections × a response of 64 × 64 KiB, windows of 0",
    attack: "slow-read-many",
    attackers: 1,
    judge: boundsUnread,
  },
  {
    name: "slow-read",
    variant: "message",
    title: "100 connections × a response of one message of 4 MiB, windows of 0",
    attack: "slow-read-one",
    attackers: 1,
    judge: boundsUnread,
  },
  {
    name: "gzip-bomb",
    variant: "alone",
    title: "One message of 255 KiB that is 256 MiB",
    attack: "gzip-bomb-alone",
    attackers: 1,
    judge: refusesBomb,
  },
  {
    name: "gzip-bomb",
    variant: "1",
    title: "Messages of 255 KiB that are 256 MiB, one behind the other",
    attack: "gzip-bomb-1",
    attackers: 1,
    judge: refusesBombs,
  },
  {
    name: "gzip-bomb",
    variant: "16",
    title: "Messages of 255 KiB that are 256 MiB, 16 at a time",
    attack: "gzip-bomb-16",
    attackers: 1,
    judge: refusesBombs,
  },
  {
    name: "preface-stall",
    variant: "handshake",
    title: "10,000 connections that begin and do not go on",
    attack: "preface-stall",
    attackers: 1,
    leastSeconds: 30,
    judge: reapsStalled,
  },
  {
    name: "preface-stall",
    variant: "files",
    title: "1,000 connections to a server that may have 256 files open",
    attack: "file-exhaustion",
    attackers: 1,
    fileLimit: 256,
    judge: survivesExhaustion,
  },
];

const clientBenches: readonly ClientBench[] = Object.keys(evils).map((evil) => ({
  name: "malicious-server",
  variant: evil,
  title: `A server that attacks its client: ${evil}`,
  evil,
  judge: survivesServer,
}));

export const benches: readonly Bench[] = [...serverBenches, ...clientBenches];

/** By name, by name and variant, or `all`. */
export function findBenches(wanted: string): readonly Bench[] {
  return benches.filter((bench) => wanted === "all" || wanted === bench.name || wanted === idOf(bench));
}
