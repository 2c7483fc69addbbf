/** What is measured: one row of the table each. */
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
  /** Over TLS; else in plaintext. */
  readonly tls?: true;
}

const smallBytes = 64;
const largeBytes = 1024 * 1024;
const streamMessages = 5000;

const inFlights = [1, 10, 100] as const;

export const rows: readonly Row[] = [
  ...inFlights.map((inFlight) => unaryRow("headline", inFlight)),
  ...inFlights.map((inFlight) => unaryRow("bare", inFlight)),
  {
    id: "server-stream",
    title: "server stream, 64 B",
    unit: "messages/s",
    workload: { kind: "serverStream", messages: streamMessages, payloadBytes: smallBytes },
  },
  {
    id: "client-stream",
    title: "client stream, 64 B",
    unit: "messages/s",
    workload: { kind: "clientStream", messages: streamMessages, payloadBytes: smallBytes },
  },
  {
    id: "ping-pong",
    title: "bidi ping-pong, 64 B, 100 in flight",
    unit: "messages/s",
    workload: { kind: "pingPong", inFlight: 100, payloadBytes: smallBytes },
  },
  {
    id: "tls-headline-100",
    title: "headline unary, 64 B, 100 in flight, over TLS",
    unit: "calls/s",
    workload: { kind: "unary", inFlight: 100, payloadBytes: smallBytes, headline: true },
    tls: true,
  },
  {
    id: "tls-server-stream",
    title: "server stream, 64 B, over TLS",
    unit: "messages/s",
    workload: { kind: "serverStream", messages: streamMessages, payloadBytes: smallBytes },
    tls: true,
  },
  {
    id: "tls-large-1",
    title: "1 MiB unary, 1 in flight, over TLS",
    unit: "MiB/s",
    workload: { kind: "unary", inFlight: 1, payloadBytes: largeBytes, headline: false },
    tls: true,
  },
  ...[1, 8].map(
    (inFlight): Row => ({
      id: `large-${inFlight}`,
      title: `1 MiB unary, ${inFlight} in flight`,
      unit: "MiB/s",
      workload: { kind: "unary", inFlight, payloadBytes: largeBytes, headline: false },
    }),
  ),
];

function unaryRow(flavour: "headline" | "bare", inFlight: number): Row {
  return {
    id: `${flavour}-${inFlight}`,
    title: `${flavour} unary, 64 B, ${inFlight} in flight`,
    unit: "calls/s",
    workload: { kind: "unary", inFlight, payloadBytes: smallBytes, headline: flavour === "headline" },
  };
}
