import type { Peer, Platform } from "../base/platform.js";
import type { MethodCodecTable } from "../codec/method-codecs.js";
import type { HeaderBlock } from "../hpack/header-block.js";
import type { Http2Session } from "../http2/session.js";
import type { StreamId } from "../http2/session-event.js";
import type { Traffic } from "../telemetry/traffic.js";
import type { UnreadBytes } from "./message/unread-bytes.js";
import type { ServedMethods } from "./served-methods.js";
import type { CallDispatcher } from "./transport.js";

/** A call as its connection sees it. */
export interface ConnectionCall {
  readonly id: StreamId;
}

/** What the streams of one connection from a client share. */
export interface ServerConnection {
  readonly id: number;
  readonly session: Http2Session;
  readonly platform: Platform;
  readonly peer: Peer;
  readonly dispatcher: CallDispatcher;
  readonly unread: UnreadBytes;
  readonly served: ServedMethods;
  readonly traffic: Traffic;
  /** Encoding of responses for clients that accept it; undefined: none. */
  readonly compression: string | undefined;
  /** Value of grpc-accept-encoding. */
  readonly acceptEncoding: string;
  /** Says which formats of messages the server takes. */
  readonly codecs: MethodCodecTable;
  /** The shared part of response headers. */
  responseHeaders(contentSubtype: string, compressed: boolean): HeaderBlock;
  /** Ends a stream with one header block, and asks the client to send no more. */
  answer(id: StreamId, headers: HeaderBlock): void;
  /** Commands were given to the session. */
  schedule(): void;
  /** The stream's call has ended. */
  forget(stream: ConnectionCall): void;
  /** A call that was started and its handler have both ended. Once for each. */
  freeSlot(): void;
}
