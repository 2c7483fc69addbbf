/** What the processes of a soak say to each other: each question has one answer. */
import type { ProcessSample } from "./processes/process-sample.js";
import type { TallyRecord } from "./tally.js";

/** How a connection ends, and another takes its place. */
export const reconnectWays = [
  "closed by the client",
  "reset by the client",
  "reset by the server",
  "server restarts",
] as const;
export type ReconnectWay = (typeof reconnectWays)[number];

type Question =
  /** How calls ended; of the server, what its handlers threw. */
  | { readonly type: "tally" }
  /** Collects garbage and measures. `census`: also counts objects by class, which takes a while. */
  | { readonly type: "sample"; readonly census: boolean }
  /** Gives everything back and measures; afterwards the process ends when it is let go. */
  | { readonly type: "close" };

export type ToServer =
  | Question
  /** Resets every connection. */
  | { readonly type: "reset" }
  /** Ends calls, connections and the listener, and listens anew on the same port. */
  | { readonly type: "restart" };

export type ToClient =
  | Question
  | { readonly type: "unary" | "streams"; readonly count: number }
  /** Opens a stream that stays open until its connection ends. */
  | { readonly type: "hold" }
  /** Ends the connection where it is for the client to do so, then makes a call on the next one. */
  | { readonly type: "reconnect"; readonly way: ReconnectWay };

export type FromServer = { readonly type: "listening"; readonly port: number } | Answer;
export type FromClient = { readonly type: "ready" } | Answer;

export type Answer =
  | { readonly type: "done" }
  | { readonly type: "tally"; readonly tally: TallyRecord }
  | { readonly type: "sample"; readonly sample: ProcessSample }
  | { readonly type: "failed"; readonly message: string };
