import type { Peer } from "../base/platform.js";
import { Metadata } from "./metadata.js";
import type { Status } from "./status.js";

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
}
