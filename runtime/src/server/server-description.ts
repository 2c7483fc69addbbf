import type { CallReport } from "../telemetry/call-counts.js";
import type { EventReport } from "../telemetry/event-log.js";

export interface ListeningAddress {
  /** The port that is bound; 0 for `unix:` and `inproc:`. */
  readonly port: number;
  /** As `listen` takes it, port and host as they were bound: `127.0.0.1:50051`, `[::1]:50051`, `unix:/run/x.sock`. */
  readonly address: string;
}

/** What a server is doing now, and what it has done. */
export interface ServerDescription {
  /** No other channel, subchannel, server or connection of this process has it. */
  readonly id: number;
  readonly state: "open" | "closing" | "closed";
  /** Full names, in the order in which they were added. */
  readonly services: readonly string[];
  readonly listening: readonly ListenerDescription[];
  /** Each of them is told of by `connections`. */
  readonly openConnections: number;
  /** Calls that have not ended, those within the process among them. */
  readonly runningCalls: number;
  /** Handlers that have not ended, which may be long after their calls. */
  readonly runningHandlers: number;
  readonly calls: CallReport;
  readonly events: EventReport;
}

export interface ListenerDescription {
  readonly id: number;
  /** As `listen` takes it, port and host as they were bound. */
  readonly address: string;
}

/** Which connections to tell of. */
export interface ConnectionRange {
  /** Least id. Default 0. */
  readonly from?: number | undefined;
  /** How many at most. Default: all. */
  readonly limit?: number | undefined;
}

export function sumOfCalls(all: Iterable<{ readonly activeCalls: number }>): number {
  let sum = 0;
  for (const { activeCalls } of all) sum += activeCalls;
  return sum;
}
