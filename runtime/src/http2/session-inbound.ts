/** The receiving half of a session: bytes in, events out. What a peer does wrong becomes an event, never an exception. */
import { HpackDecoder } from "../hpack/decoder.js";
import { PrefaceReader } from "./connection/preface-reader.js";
import { headerTableBytes } from "./connection/settings.js";
import { connectionError, ErrorCode, type Violation } from "./error-code.js";
import type { FrameReader } from "./frame/frame-reader.js";
import { Flag, FrameType, frameTypeName } from "./frame/frame-type.js";
import { ControlReceiver, type PongListener } from "./inbound/control-receiver.js";
import { FrameReceivers } from "./inbound/frame-receivers.js";
import { isViolation, type Outcome } from "./inbound/outcome.js";
import type { SessionEvent, StreamId } from "./session-event.js";
import type { SessionOutbound } from "./session-outbound.js";
import type { SessionState } from "./session-state.js";
import { FlowLedger } from "./stream/flow-ledger.js";

export class SessionInbound {
  readonly control: ControlReceiver;
  readonly ledger: FlowLedger;
  /** What stopped the reading last, with input at hand. */
  hold: "no" | "answers" | "streams" = "no";

  readonly #state: SessionState;
  readonly #outbound: SessionOutbound;
  readonly #decoder: HpackDecoder;
  /** Undefined when the preface has come. */
  #preface: PrefaceReader | undefined;
  /** Undefined while there is nothing to read. */
  #frames: FrameReceivers | undefined;
  /** Streams that the peer may have opened, in all, before reading is held. */
  #streamsAllowed = Number.POSITIVE_INFINITY;

  constructor(state: SessionState, outbound: SessionOutbound, pongs: PongListener) {
    const { limits, role } = state;
    this.#state = state;
    this.#outbound = outbound;
    this.#preface = new PrefaceReader(role);
    this.ledger = new FlowLedger(limits, outbound);
    this.control = new ControlReceiver(state, outbound, pongs);
    this.#decoder = new HpackDecoder({
      maxTableSize: headerTableBytes,
      maxListBytes: limits.maxHeaderListBytes,
      maxFields: limits.maxHeaderFields,
      sharePrefixes: true,
    });
  }

  receive(chunk: Uint8Array): void {
    if (this.#preface === undefined) {
      this.#push(chunk);
      return;
    }
    const result = this.#preface.receive(chunk);
    if (result === undefined) return;
    if ("code" in result) {
      this.#fail(result);
      return;
    }
    this.#preface = undefined;
    if (result.rest.length > 0) this.#push(result.rest);
  }

  /** Whether the peer has been found to speak HTTP/2. */
  get prefaceReceived(): boolean {
    return this.#preface === undefined;
  }

  /** Whether the peer may stop sending here without cutting a frame. */
  get atFrameBoundary(): boolean {
    return this.#frames === undefined || this.#frames.atFrameBoundary;
  }

  /** Nothing has come for a while: what only reads is given back, as long as no frame has come in part. */
  rest(): void {
    if (!this.atFrameBoundary || this.#isFrameWaiting) return;
    this.#frames = undefined;
    this.#decoder.rest();
  }

  /** A frame has been cut and waits for a turn that has a stream left for it. */
  #isFrameWaiting = false;

  /** From here on the peer may open `count` streams more. */
  allowStreams(count: number): void {
    this.#streamsAllowed = this.#state.counters.streamsOpened + count;
  }

  /** Reads on to the next event; undefined when the bytes are used up, reading is held, or the session has ended. */
  advance(): SessionEvent | undefined {
    const frames = this.#frames;
    if (frames === undefined) return undefined;
    const { reader } = frames;
    while (!this.#state.closed) {
      if (this.#holdForAnswers(reader)) return undefined;
      const read = this.#isFrameWaiting ? "frame" : reader.next();
      if (read === "starved") return undefined;
      if (this.#holdForStreams(read, reader)) return undefined;
      const outcome = read === "frame" ? this.#frame(frames) : (reader.violation as Violation);
      if (outcome !== undefined) {
        if (!isViolation(outcome)) return outcome;
        if (outcome.scope === "connection") {
          this.#fail(outcome);
          return undefined;
        }
        const event = this.#resetFor(outcome, reader.streamId);
        if (event !== undefined) return event;
      }
      const event = this.#state.nextEvent();
      if (event !== undefined) return event;
    }
    return undefined;
  }

  /** Whether the rest of the input has to wait for our answers to leave. */
  #holdForAnswers(reader: FrameReader): boolean {
    const isHeld = this.#outbound.areAnswersPiledUp && (this.#isFrameWaiting || !reader.isEmpty);
    if (isHeld && this.hold !== "answers") this.#state.counters.answerPauses += 1;
    this.hold = isHeld ? "answers" : "no";
    return isHeld;
  }

  /**
   * Whether the frame that was cut, and what is behind it, has to wait for the next turn: it opens a stream, and this turn
   * has had its number of them. What belongs to the streams that were opened is read before: a reset among it is seen in
   * time (CVE-2023-44487).
   */
  #holdForStreams(read: "frame" | "violation", reader: FrameReader): boolean {
    const { counters, lastRemoteStreamId } = this.#state;
    const wasWaiting = this.#isFrameWaiting;
    this.#isFrameWaiting =
      read === "frame" &&
      reader.type === FrameType.HEADERS &&
      reader.streamId > lastRemoteStreamId &&
      counters.streamsOpened >= this.#streamsAllowed;
    if (!this.#isFrameWaiting) return false;
    this.hold = "streams";
    if (!wasWaiting) counters.streamPauses += 1;
    return true;
  }

  #fail(violation: Violation): void {
    if (this.#state.closed) return;
    this.#outbound.goAway(violation.code, violation.message);
    this.#state.close(violation, "local");
  }

  /** Resets the stream of the current frame for what the peer did on it. */
  #resetFor(violation: Violation, id: StreamId): SessionEvent | undefined {
    const stream = this.#state.streams.get(id);
    const { code, message } = violation;
    const tooMany = this.#state.guard.provoked();
    if (tooMany !== undefined) {
      this.#fail(tooMany);
      return undefined;
    }
    if (stream === undefined) {
      this.#outbound.refuse(id, code);
      return undefined;
    }
    this.#outbound.resetStream(stream, code);
    this.#outbound.countAnswer();
    return { type: "reset", streamId: id, code, initiator: "local", message, unprocessed: false };
  }

  #push(chunk: Uint8Array): void {
    this.#frames ??= new FrameReceivers(this.#state, this.#outbound, this.ledger, this.#decoder);
    this.#frames.reader.push(chunk);
  }

  #frame({ reader, data, headers }: FrameReceivers): Outcome {
    const { type } = reader;
    if (headers.expectsContinuation && type !== FrameType.CONTINUATION) return headers.interruption();
    if (!this.control.settingsReceived && (type !== FrameType.SETTINGS || (reader.flags & Flag.ACK) !== 0)) {
      const what = type === FrameType.SETTINGS ? "a SETTINGS acknowledgement" : frameTypeName(type);
      return connectionError(ErrorCode.PROTOCOL_ERROR, `the peer's first frame is ${what}, expected SETTINGS`);
    }
    switch (type) {
      case FrameType.DATA:
        return data.receive();
      case FrameType.HEADERS:
        return headers.headers();
      case FrameType.PRIORITY:
        return this.control.priority(reader);
      case FrameType.RST_STREAM:
        return this.control.rstStream(reader);
      case FrameType.SETTINGS:
        return this.control.settings(reader);
      case FrameType.PUSH_PROMISE:
        return connectionError(ErrorCode.PROTOCOL_ERROR, "PUSH_PROMISE frame came, push is not enabled");
      case FrameType.PING:
        return this.control.ping(reader);
      case FrameType.GOAWAY:
        return this.control.goAway(reader);
      case FrameType.WINDOW_UPDATE:
        return this.control.windowUpdate(reader);
      case FrameType.CONTINUATION:
        return headers.continuation();
      default:
        // RFC 9113 §4.1: frames of unknown type are ignored.
        return this.#state.guard.useless();
    }
  }
}
