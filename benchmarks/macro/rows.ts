/** What is measured, and with whom: one part of the table each. */
import type { PairingId } from "./pairings.js";

export type Workload =
  | UnaryWorkload
  | OpenLoopWorkload
  /** One call after another that streams `messages` messages to the client. */
  | { readonly kind: "serverStream"; readonly messages: number; readonly payloadBytes: number }
  /** The same in the other direction. */
  | { readonly kind: "clientStream"; readonly messages: number; readonly payloadBytes: number }
  /** One bidi call; each answer lets the next message go. */
  | { readonly kind: "pingPong"; readonly inFlight: number; readonly payloadBytes: number };

/** Unary calls; `headline`: with a deadline and a fresh metadata value, as calls of real services have. */
export interface UnaryWorkload {
  readonly kind: "unary";
  readonly inFlight: number;
  readonly payloadBytes: number;
  readonly headline: boolean;
  /** Over so many connections, each with as many in flight as the others. Default: over the one that the client has anyway. */
  readonly connections?: number;
  /** Over connections that are made for it; as many of the time before are closed. */
  readonly fresh?: true;
}

/** Headline calls that are due at times that do not wait for answers. */
export interface OpenLoopWorkload {
  readonly kind: "openLoop";
  /** Calls that are due, on average. */
  readonly perSecond: number;
  readonly payloadBytes: number;
  readonly maxInFlight: number;
  /** Of the times at which they are due. */
  readonly seed: number;
}

/** A share of a pairing's peak, as the run itself finds it. */
export interface OfferedLoad {
  readonly share: number;
  readonly of: PairingId;
}

export interface Row {
  /** For `--only`. */
  readonly id: string;
  readonly title: string;
  readonly unit: "calls/s" | "messages/s" | "MiB/s";
  readonly workload: Workload;
  /** Measured is not the workload but an open loop at a share of what somebody does in it. */
  readonly offered?: OfferedLoad;
  /** Who takes part. All others are compared to the first. */
  readonly pairings: readonly PairingId[];
  /** Over TLS; else in plaintext. */
  readonly tls?: true;
  /** Only where `--only` names it whole. */
  readonly onlyOnRequest?: true;
}

export const smallBytes = 64;
const mediumBytes = 1024;
const largeBytes = 1024 * 1024;
const streamMessages = 5000;

/** Those of Node are in the rows that tell most about them; the run would take an hour if everybody were in each. */
const main: readonly PairingId[] = ["godwit", "grpc-js", "grpc-go"];
const everybody: readonly PairingId[] = ["godwit", "grpc-js", "nice-grpc", "connect-node", "grpc-go"];
const withCeiling: readonly PairingId[] = [...main, "skeleton"];

export const rows: readonly Row[] = [
  headline(1, [...everybody, "skeleton"]),
  headline(10, withCeiling),
  headline(100, [...everybody, "skeleton"]),
  headline(1000, withCeiling),
  bare(1, main),
  bare(10, main),
  bare(100, withCeiling),
  bare(1000, main),
  unary({ flavour: "headline", inFlight: 100, pairings: main, payloadBytes: mediumBytes }),
  unary({ flavour: "bare", inFlight: 100, pairings: main, payloadBytes: mediumBytes }),
  ...[1, 10, 1000].flatMap((inFlight) => [
    onRequest(unary({ flavour: "headline", inFlight, pairings: main, payloadBytes: mediumBytes })),
    onRequest(unary({ flavour: "bare", inFlight, pairings: main, payloadBytes: mediumBytes })),
  ]),
  {
    ...headline(100, [
      "godwit",
      ...(["grpc-js", "nice-grpc", "connect-node", "grpc-go"] as const).flatMap((other): PairingId[] => [
        `godwit/${other}`,
        `${other}/godwit`,
      ]),
    ]),
    id: "mixed-headline-100",
    title: "our client with servers of others, our server with clients of others: headline unary, 64 B, 100 in flight",
  },
  {
    ...headline(100, ["grpc-go/godwit", "grpc-go/grpc-js", "grpc-go"]),
    id: "go-client-headline-100",
    title: "servers under grpc-go's client: headline unary, 64 B, 100 in flight",
  },
  serverStream(everybody),
  {
    id: "client-stream",
    title: "client stream, 64 B",
    unit: "messages/s",
    workload: { kind: "clientStream", messages: streamMessages, payloadBytes: smallBytes },
    pairings: everybody,
  },
  {
    id: "ping-pong",
    title: "bidi ping-pong, 64 B, 100 in flight",
    unit: "messages/s",
    workload: { kind: "pingPong", inFlight: 100, payloadBytes: smallBytes },
    pairings: everybody,
  },
  large(1, [...everybody, "raw-net"]),
  large(8, [...main, "raw-net"]),
  overTls(headline(100, main)),
  overTls(serverStream(main)),
  overTls(large(1, [...main, "raw-net"])),
  ...[0.25, 0.5, 0.8].map((share) => openRow(share, "grpc-js", main)),
  ...[0.5, 0.8].map((share) => openRow(share, "grpc-go", ["godwit", "grpc-go"])),
  ...[0.5, 0.8].map((share) => openRow(share, "godwit", ["godwit"])),
  ...[100, 1000].map((connections) => connectionsRow(connections)),
];

/** At a share of what `of` does with 100 in flight, which keeps it busy all the time. */
function openRow(share: number, of: PairingId, pairings: readonly PairingId[]): Row {
  const percent = Math.round(share * 100);
  return {
    ...headline(100, pairings),
    id: `open-${of}-${percent}`,
    title: `headline unary, 64 B, offered at ${percent} % of the peak of ${of}`,
    offered: { share, of },
  };
}

function connectionsRow(connections: number): Row {
  return {
    id: `connections-${connections}`,
    title: `headline unary, 64 B, ${connections} connections with 1 in flight each`,
    unit: "calls/s",
    workload: { kind: "unary", inFlight: connections, payloadBytes: smallBytes, headline: true, connections },
    pairings: main,
  };
}

interface UnaryRow {
  readonly flavour: "headline" | "bare";
  readonly inFlight: number;
  readonly pairings: readonly PairingId[];
  readonly payloadBytes: typeof smallBytes | typeof mediumBytes;
}

function unary({ flavour, inFlight, pairings, payloadBytes }: UnaryRow): Row {
  const [infix, size] = payloadBytes === smallBytes ? ["", "64 B"] : ["-1k", "1 KiB"];
  return {
    id: `${flavour}${infix}-${inFlight}`,
    title: `${flavour} unary, ${size}, ${inFlight.toLocaleString("en-GB")} in flight`,
    unit: "calls/s",
    workload: { kind: "unary", inFlight, payloadBytes, headline: flavour === "headline" },
    pairings,
  };
}

function headline(inFlight: number, pairings: readonly PairingId[]): Row {
  return unary({ flavour: "headline", inFlight, pairings, payloadBytes: smallBytes });
}

function bare(inFlight: number, pairings: readonly PairingId[]): Row {
  return unary({ flavour: "bare", inFlight, pairings, payloadBytes: smallBytes });
}

function serverStream(pairings: readonly PairingId[]): Row {
  return {
    id: "server-stream",
    title: "server stream, 64 B",
    unit: "messages/s",
    workload: { kind: "serverStream", messages: streamMessages, payloadBytes: smallBytes },
    pairings,
  };
}

function large(inFlight: number, pairings: readonly PairingId[]): Row {
  return {
    id: `large-${inFlight}`,
    title: `1 MiB unary, ${inFlight} in flight`,
    unit: "MiB/s",
    workload: { kind: "unary", inFlight, payloadBytes: largeBytes, headline: false },
    pairings,
  };
}

function overTls(row: Row): Row {
  return { ...row, id: `tls-${row.id}`, title: `${row.title}, over TLS`, tls: true };
}

function onRequest(row: Row): Row {
  return { ...row, onlyOnRequest: true };
}
