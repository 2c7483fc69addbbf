import { connectionError, ErrorCode, type Violation } from "../error-code.js";
import { FrameType, frameTypeName } from "../frame/frame-type.js";
import type { SessionEvent, StreamId } from "../session-event.js";
import type { SessionState } from "../session-state.js";
import { mayReceive } from "../stream/stream-state.js";

/** What a frame gives: an event, a violation, or nothing to tell. */
export type Outcome = SessionEvent | Violation | undefined;

export function isViolation(outcome: SessionEvent | Violation): outcome is Violation {
  return "scope" in outcome;
}

/** DATA or HEADERS on a stream that cannot take it (RFC 9113 §5.1). */
export function unexpectedFrame(state: SessionState, type: number, id: StreamId): Violation | undefined {
  const what = `${frameTypeName(type)} frame on stream ${id}`;
  if (!state.wasOpened(id)) return connectionError(ErrorCode.PROTOCOL_ERROR, `${what}, which is idle`);
  const stream = state.streams.get(id);
  if (stream !== undefined && mayReceive(stream.state)) {
    return { scope: "stream", code: ErrorCode.PROTOCOL_ERROR, message: `${what} came before its headers` };
  }
  const whoReset = state.whoReset(id);
  if (whoReset === "local" || id > state.acceptedRemoteStreamId) return undefined;
  const message = `${what}, which the peer has closed`;
  if (stream === undefined && whoReset === undefined && type === FrameType.HEADERS) {
    return connectionError(ErrorCode.STREAM_CLOSED, message);
  }
  return { scope: "stream", code: ErrorCode.STREAM_CLOSED, message };
}
