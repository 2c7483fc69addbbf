import type { Peer, Platform } from "../base/platform.js";
import type { Http2Session } from "../http2/session.js";
import type { StreamId } from "../http2/session-event.js";
import type { Traffic } from "../telemetry/traffic.js";

/** What the streams of one connection to a server share. */
export interface ClientConnection {
  readonly session: Http2Session;
  readonly platform: Platform;
  readonly peer: Peer;
  readonly traffic: Traffic;
  /** Commands were given to the session. */
  schedule(): void;
  /** The stream's call has ended. */
  forget(id: StreamId): void;
}
