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
  /** Over connections that are made for it; those of the time before are closed. */
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
const largeBytes = 1024 * 1024;
const streamMessages = 5000;

const libraries: readonly PairingId[] = ["godwit", "grpc-js"];

const inFlights = [1, 10, 100, 1000] as const;

export const rows: readonly Row[] = [
  ...inFlights.map((inFlight) => unaryRow("headline", inFlight)),
  ...inFlights.map((inFlight) => unaryRow("bare", inFlight)),
  {
    ...unaryRow("headline", 100),
    id: "mixed-headline-100",
    title: "headline unary, 64 B, 100 in flight, clients and servers of two libraries",
    pairings: ["godwit", "godwit/grpc-js", "grpc-js/godwit"],
  },
  {
    id: "server-stream",
    title: "server stream, 64 B",
    unit: "messages/s",
    workload: { kind: "serverStream", messages: streamMessages, payloadBytes: smallBytes },
    pairings: libraries,
  },
  {
    id: "client-stream",
    title: "client stream, 64 B",
    unit: "messages/s",
    workload: { kind: "clientStream", messages: streamMessages, payloadBytes: smallBytes },
    pairings: libraries,
  },
  {
    id: "ping-pong",
    title: "bidi ping-pong, 64 B, 100 in flight",
    unit: "messages/s",
    workload: { kind: "pingPong", inFlight: 100, payloadBytes: smallBytes },
    pairings: libraries,
  },
  {
    id: "tls-headline-100",
    title: "headline unary, 64 B, 100 in flight, over TLS",
    unit: "calls/s",
    workload: { kind: "unary", inFlight: 100, payloadBytes: smallBytes, headline: true },
    pairings: libraries,
    tls: true,
  },
  {
    id: "tls-server-stream",
    title: "server stream, 64 B, over TLS",
    unit: "messages/s",
    workload: { kind: "serverStream", messages: streamMessages, payloadBytes: smallBytes },
    pairings: libraries,
    tls: true,
  },
  {
    id: "tls-large-1",
    title: "1 MiB unary, 1 in flight, over TLS",
    unit: "MiB/s",
    workload: { kind: "unary", inFlight: 1, payloadBytes: largeBytes, headline: false },
    pairings: libraries,
    tls: true,
  },
  ...[1, 8].map(
    (inFlight): Row => ({
      id: `large-${inFlight}`,
      title: `1 MiB unary, ${inFlight} in flight`,
      unit: "MiB/s",
      workload: { kind: "unary", inFlight, payloadBytes: largeBytes, headline: false },
      pairings: libraries,
    }),
  ),
  ...[0.25, 0.5, 0.8].map((share) => openRow(share, "grpc-js", libraries)),
  ...[0.5, 0.8].map((share) => openRow(share, "godwit", ["godwit"])),
  ...[100, 1000].map((connections) => connectionsRow(connections)),
];

/** At a share of what `of` does with 100 in flight, which keeps it busy all the time. */
function openRow(share: number, of: PairingId, pairings: readonly PairingId[]): Row {
  const percent = Math.round(share * 100);
  return {
    ...unaryRow("headline", 100),
    id: `open-${of}-${percent}`,
    title: `headline unary, 64 B, offered at ${percent} % of the peak of ${of}`,
    offered: { share, of },
    pairings,
  };
}

function connectionsRow(connections: number): Row {
  return {
    id: `connections-${connections}`,
    title: `headline unary, 64 B, ${connections} connections with 1 in flight each`,
    unit: "calls/s",
    workload: { kind: "unary", inFlight: connections, payloadBytes: smallBytes, headline: true, connections },
    pairings: libraries,
  };
}

function unaryRow(flavour: "headline" | "bare", inFlight: number): Row {
  return {
    id: `${flavour}-${inFlight}`,
    title: `${flavour} unary, 64 B, ${inFlight} in flight`,
    unit: "calls/s",
    workload: { kind: "unary", inFlight, payloadBytes: smallBytes, headline: flavour === "headline" },
    pairings: libraries,
  };
}
