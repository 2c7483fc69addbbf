/** What is measured, and with whom: one part of the table each. */
import type { PairingId } from "./pairings.js";

export type Workload =
  /** Unary calls; `headline`: with a deadline and a fresh metadata value, as calls of real services have. */
  | { readonly kind: "unary"; readonly inFlight: number; readonly payloadBytes: number; readonly headline: boolean }
  /** One call after another that streams `messages` messages to the client. */
  | { readonly kind: "serverStream"; readonly messages: number; readonly payloadBytes: number }
  /** The same in the other direction. */
  | { readonly kind: "clientStream"; readonly messages: number; readonly payloadBytes: number }
  /** One bidi call; each answer lets the next message go. */
  | { readonly kind: "pingPong"; readonly inFlight: number; readonly payloadBytes: number };

export interface Row {
  /** For `--only`. */
  readonly id: string;
  readonly title: string;
  readonly unit: "calls/s" | "messages/s" | "MiB/s";
  readonly workload: Workload;
  /** Who takes part. All others are compared to the first. */
  readonly pairings: readonly PairingId[];
  /** Over TLS; else in plaintext. */
  readonly tls?: true;
  /** Only where `--only` names it whole. */
  readonly onlyOnRequest?: true;
}

const smallBytes = 64;
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
];

function unaryRow(flavour: "headline" | "bare", inFlight: number): Row {
  return {
    id: `${flavour}-${inFlight}`,
    title: `${flavour} unary, 64 B, ${inFlight} in flight`,
    unit: "calls/s",
    workload: { kind: "unary", inFlight, payloadBytes: smallBytes, headline: flavour === "headline" },
    pairings: libraries,
  };
}
