import type { HeaderBlock } from "../hpack/header-block.js";
import { ErrorCode } from "./error-code.js";

export type StreamId = number;

/** Who caused the end of a stream or session. */
export type Initiator = "local" | "remote";

/**
 * What a session has to tell. `bytes` of a data event is a view of a received chunk and stays valid; its range
 * [start, end) counts against the receive window until `releaseWindow`. `closed` is last.
 */
export type SessionEvent =
  | {
      readonly type: "headers";
      readonly streamId: StreamId;
      readonly headers: HeaderBlock;
      readonly endStream: boolean;
    }
  | {
      readonly type: "data";
      readonly streamId: StreamId;
      readonly bytes: Uint8Array;
      readonly start: number;
      readonly end: number;
      readonly endStream: boolean;
    }
  | {
      readonly type: "reset";
      readonly streamId: StreamId;
      readonly code: ErrorCode;
      readonly initiator: Initiator;
      readonly message: string;
      /** The peer says that it did nothing for this stream (REFUSED_STREAM, or above GOAWAY's last stream). */
      readonly unprocessed: boolean;
    }
  | { readonly type: "writable"; readonly streamId: StreamId }
  /** The peer's SETTINGS came and are in force. */
  | { readonly type: "settings" }
  | { readonly type: "pong"; readonly payload: Uint8Array }
  | { readonly type: "goAway"; readonly lastStreamId: StreamId; readonly code: ErrorCode; readonly debug: string }
  | { readonly type: "closed"; readonly code: ErrorCode; readonly initiator: Initiator; readonly message: string };

/** Whether a session ended because the peer broke the protocol or flooded us. */
export function isFault({ code, initiator }: SessionEvent & { type: "closed" }): boolean {
  return initiator === "local" && code !== ErrorCode.NO_ERROR;
}
