import type { Peer } from "../base/platform.js";
import type { CallTimings } from "./call-timings.js";
import { Metadata } from "./metadata.js";
import type { AttemptRecord, Delivery, Status } from "./status.js";

/** What a call brought besides its messages. Give a new one in CallOptions.info; the runtime fills it. */
export class CallInfo {
  /** Headers of the response; empty until they have come, and when the server sent none. */
  headers: Metadata = new Metadata();
  /** Trailers of the response; empty until the call has ended. */
  trailers: Metadata = new Metadata();
  /** Who answered; undefined until the call has a connection. */
  peer: Peer | undefined;
  /** How the call ended; undefined while it runs. */
  status: Status | undefined;
  /** How often it was given to a connection, retries and hedges included; 0: there was none. Undefined while it runs, and without a channel. */
  attempts: number | undefined;
  /** Attempts that failed, also of a call that succeeded in the end; of one that failed, where there was more than one. */
  history: readonly AttemptRecord[] = [];
  /** Where its time went. Undefined while it runs, and without a channel. */
  timings: CallTimings | undefined;
  /** Whether the server may have acted. Undefined while it runs. */
  delivery: Delivery | undefined;
}
