/** DATA: accounts for flow control and gives its payload out as it arrives (RFC 9113 §6.1, §6.9). */

import { defaultWindowBytes } from "../connection/settings.js";
import { connectionError, ErrorCode, streamError, type Violation } from "../error-code.js";
import type { FrameReader } from "../frame/frame-reader.js";
import { Flag, FrameType } from "../frame/frame-type.js";
import type { SessionOutbound } from "../session-outbound.js";
import type { SessionState } from "../session-state.js";
import { ReceiveWindow } from "../stream/flow-window.js";
import type { Http2Stream } from "../stream/http2-stream.js";
import { mayReceive } from "../stream/stream-state.js";
import { contentMismatch, type Outcome, unexpectedFrame } from "./outcome.js";

export class DataReceiver {
  readonly #state: SessionState;
  readonly #outbound: SessionOutbound;
  readonly #reader: FrameReader;
  readonly #connectionWindow: ReceiveWindow;
  /** The stream of the DATA frame that is being read. */
  #dataStream: Http2Stream | undefined;

  constructor(state: SessionState, outbound: SessionOutbound, reader: FrameReader) {
    this.#state = state;
    this.#outbound = outbound;
    this.#reader = reader;
    const windowBytes = Math.max(state.limits.connectionWindowBytes, defaultWindowBytes);
    this.#connectionWindow = new ReceiveWindow(windowBytes, windowBytes);
  }

  /** One fragment of a DATA frame. */
  receive(): Outcome {
    const frame = this.#reader;
    if (frame.first) {
      const outcome = this.#beginDataFrame();
      if (outcome !== undefined || this.#dataStream === undefined) {
        frame.skipData();
        return outcome;
      }
    }
    const stream = this.#dataStream;
    if (stream === undefined) return undefined;
    if (!mayReceive(stream.state)) {
      // It was reset amid the frame. What came of it is given back to the connection alone.
      this.releaseConnection(frame.end - frame.start);
      return undefined;
    }
    const size = frame.end - frame.start;
    const endStream = frame.last && (frame.flags & Flag.END_STREAM) !== 0;
    if (frame.last) this.#dataStream = undefined;
    if (endStream) this.#state.transition(stream, "receiveEndStream");
    else if (size === 0) return undefined;
    return { type: "data", streamId: stream.id, bytes: frame.bytes, start: frame.start, end: frame.end, endStream };
  }

  /** Accounts for a DATA frame as a whole and finds its stream (RFC 9113 §6.1, §6.9). */
  #beginDataFrame(): Violation | undefined {
    const { streamId, length, flags } = this.#reader;
    this.#dataStream = undefined;
    if (streamId === 0) return connectionError(ErrorCode.PROTOCOL_ERROR, "DATA frame on stream 0");
    if (!this.#connectionWindow.receive(length)) {
      return connectionError(ErrorCode.FLOW_CONTROL_ERROR, "DATA exceeds the connection's flow-control window");
    }
    const stream = this.#state.receivable(streamId);
    if (stream === undefined || !stream.headersReceived) {
      this.releaseConnection(length);
      return unexpectedFrame(this.#state, FrameType.DATA, streamId);
    }
    if (!stream.receiveWindow.receive(length)) {
      this.releaseConnection(length);
      return streamError(ErrorCode.FLOW_CONTROL_ERROR, `DATA exceeds the flow-control window of stream ${streamId}`);
    }
    if (stream.contentLeft >= 0) {
      stream.contentLeft -= this.#reader.dataBytes;
      if (stream.contentLeft < 0 || ((flags & Flag.END_STREAM) !== 0 && stream.contentLeft > 0)) {
        this.releaseConnection(length);
        return streamError(ErrorCode.PROTOCOL_ERROR, contentMismatch);
      }
    }
    this.#dataStream = stream;
    if ((flags & Flag.PADDED) !== 0) {
      const padding = length - this.#reader.dataBytes;
      this.releaseConnection(padding);
      this.releaseStream(stream, padding);
    }
    return undefined;
  }

  releaseConnection(flowBytes: number): void {
    const increment = this.#connectionWindow.release(flowBytes);
    if (increment > 0) this.#outbound.windowUpdate(0, increment);
  }

  releaseStream(stream: Http2Stream, flowBytes: number): void {
    if (!mayReceive(stream.state)) return;
    const increment = stream.receiveWindow.release(flowBytes);
    if (increment > 0) this.#outbound.windowUpdate(stream.id, increment);
  }
}
