/** DATA: accounts for flow control and gives its payload out as it arrives (RFC 9113 §6.1, §6.9). */
import { connectionError, ErrorCode, streamError, type Violation } from "../error-code.js";
import type { FrameReader } from "../frame/frame-reader.js";
import { Flag, FrameType } from "../frame/frame-type.js";
import type { StreamId } from "../session-event.js";
import type { SessionState } from "../session-state.js";
import type { FlowLedger } from "../stream/flow-ledger.js";
import type { Http2Stream } from "../stream/http2-stream.js";
import { mayReceive } from "../stream/stream-state.js";
import { contentMismatch, type Outcome, unexpectedFrame } from "./outcome.js";

export class DataReceiver {
  readonly #state: SessionState;
  readonly #ledger: FlowLedger;
  readonly #reader: FrameReader;
  /** The stream of the DATA frame that is being read. */
  #dataStream: Http2Stream | undefined;

  constructor(state: SessionState, ledger: FlowLedger, reader: FrameReader) {
    this.#state = state;
    this.#ledger = ledger;
    this.#reader = reader;
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
      this.#ledger.releaseConnection(frame.end - frame.start);
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
    if (!this.#ledger.connection.receive(length)) {
      return connectionError(ErrorCode.FLOW_CONTROL_ERROR, "DATA exceeds the connection's flow-control window");
    }
    const stream = this.#state.receivable(streamId);
    if (stream === undefined || !stream.headersReceived) {
      this.#ledger.releaseConnection(length);
      return unexpectedFrame(this.#state, FrameType.DATA, streamId) ?? this.#chargeBehindReset(streamId, length);
    }
    if (!stream.receiveWindow.receive(length)) {
      this.#ledger.releaseConnection(length);
      return streamError(ErrorCode.FLOW_CONTROL_ERROR, `DATA exceeds the flow-control window of stream ${streamId}`);
    }
    if (stream.contentLeft >= 0) {
      stream.contentLeft -= this.#reader.dataBytes;
      if (stream.contentLeft < 0 || ((flags & Flag.END_STREAM) !== 0 && stream.contentLeft > 0)) {
        this.#ledger.releaseConnection(length);
        return streamError(ErrorCode.PROTOCOL_ERROR, contentMismatch);
      }
    }
    this.#state.guard.traffic();
    this.#dataStream = stream;
    if ((flags & Flag.PADDED) !== 0) {
      const padding = length - this.#reader.dataBytes;
      this.#ledger.releaseConnection(padding);
      this.#ledger.releaseStream(stream, padding);
    }
    const isEmpty = this.#reader.dataBytes === 0 && (flags & Flag.END_STREAM) === 0;
    return isEmpty ? this.#state.guard.emptyData() : undefined;
  }

  /**
   * DATA that was on its way when we reset its stream is ignored, up to what the peer could have sent by then: one that
   * goes on for ever is not (RFC 9113 §5.1, closed).
   */
  #chargeBehindReset(id: StreamId, length: number): Violation | undefined {
    if (this.#state.isIgnored(id)) return undefined;
    const left = this.#state.chargeReset(id, length);
    if (left === undefined || (left >= 0 && length === 0)) return this.#state.guard.behindReset();
    if (left >= 0) return undefined;
    const message = `DATA on stream ${id} goes on behind its reset, beyond the window that it had then`;
    return connectionError(ErrorCode.FLOW_CONTROL_ERROR, message);
  }
}
