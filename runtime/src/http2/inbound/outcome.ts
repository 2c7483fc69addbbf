import { connectionError, ErrorCode, streamError, type Violation } from "../error-code.js";
import { frameTypeName } from "../frame/frame-type.js";
import type { SessionEvent, StreamId } from "../session-event.js";
import type { SessionState } from "../session-state.js";
import { mayReceive } from "../stream/stream-state.js";

/** What a frame gives: an event, a violation, or nothing to tell. */
export type Outcome = SessionEvent | Violation | undefined;

export function isViolation(outcome: SessionEvent | Violation): outcome is Violation {
  return "scope" in outcome;
}

/** RFC 9113 §8.1.1. */
export const contentMismatch = "DATA does not add up to the content-length of its stream";

/** DATA or HEADERS on a stream that cannot take it (RFC 9113 §5.1). */
export function unexpectedFrame(state: SessionState, type: number, id: StreamId): Violation | undefined {
  const what = `${frameTypeName(type)} frame on stream ${id}`;
  if (!state.wasOpened(id)) return connectionError(ErrorCode.PROTOCOL_ERROR, `${what}, which is idle`);
  const stream = state.streams.get(id);
  if (stream !== undefined && mayReceive(stream.state)) {
    return streamError(ErrorCode.PROTOCOL_ERROR, `${what} came before its headers`);
  }
  const whoReset = state.whoReset(id);
  if (whoReset === "local" || state.isIgnored(id)) return undefined;
  const message = `${what}, which the peer has closed`;
  if (stream === undefined && whoReset === undefined) {
    // The peer has ended it itself: what it says now is no frame that crossed ours (RFC 9113 §5.1, closed).
    if (!state.wasPassedOver(id)) return connectionError(ErrorCode.STREAM_CLOSED, message);
    // RFC 9113 §5.1.1: an id that was never used is an error of the protocol, one that was is of a closed stream.
    const expected = `expected an id above ${state.lastRemoteStreamId}: the peer passed it over`;
    return connectionError(ErrorCode.PROTOCOL_ERROR, `${what}, ${expected}`);
  }
  return streamError(ErrorCode.STREAM_CLOSED, message);
}
