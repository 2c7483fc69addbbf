/** One HTTP/2 connection (RFC 9113) with no socket and no clock: bytes and commands in, events and bytes out. */
import type { ByteSink } from "../base/byte-sink.js";
import type { Millis } from "../base/platform.js";
import type { HeaderBlock } from "../hpack/header-block.js";
import { ErrorCode } from "./error-code.js";
import type { PongListener } from "./inbound/control-receiver.js";
import type { Http2Limits } from "./limits.js";
import type { Role } from "./role.js";
import type { SessionCounters } from "./session-counters.js";
import type { SessionEvent, StreamId } from "./session-event.js";
import { SessionInbound } from "./session-inbound.js";
import { SessionOutbound } from "./session-outbound.js";
import { SessionState } from "./session-state.js";
import { SessionTimers } from "./session-timers.js";
import type { ReceiveWindow } from "./stream/flow-window.js";
import { maySend } from "./stream/stream-state.js";

/** Last stream of the first GOAWAY of a shutdown: the highest id that there is (RFC 9113 §6.8). */
const highestStreamId = 0x7fffffff;
/** Payload of the PING that separates the two GOAWAYs of a shutdown. */
const drainPing = Uint8Array.from([0x67, 0x6f, 0x64, 0x77, 0x69, 0x74, 0x00, 0x01]);

/** What of a stream waits to be sent, in bytes, and the windows that it waits for. */
export interface SendBacklog {
  readonly queuedBytes: number;
  readonly streamWindow: number;
  readonly connectionWindow: number;
}

/**
 * Inputs: receive, receiveEnd, handleTimeout. Outputs, to be asked for after each input or batch of commands, in this
 * order: nextEvent until undefined, takeOutput, nextTimeout. Everything else is a command. Commands about a stream that
 * has ended do nothing: its end and the command may have crossed. None throws. Behind `closed` there are no events and
 * nothing is read any more; what is commanded may still leave as the last words.
 */
export class Http2Session implements PongListener {
  readonly #state: SessionState;
  readonly #outbound: SessionOutbound;
  readonly #inbound: SessionInbound;
  readonly #timers: SessionTimers;
  #draining: "no" | "announced" | "answered" | "final" = "no";
  /** The peer sends no more: the session ends once what came has been read. */
  #peerEnded = false;
  #heardAt: Millis;

  constructor(role: Role, limits: Http2Limits, now: Millis) {
    this.#state = new SessionState(role, limits, now);
    this.#outbound = new SessionOutbound(this.#state);
    this.#inbound = new SessionInbound(this.#state, this.#outbound, this);
    this.#timers = new SessionTimers(this.#state, now);
    this.#heardAt = now;
  }

  // ---- inputs

  /** Takes a chunk; nextEvent reads it. The chunk is kept by reference. */
  receive(chunk: Uint8Array, now: Millis): void {
    this.#state.guard.now = now;
    this.#heardAt = now;
    if (!this.#state.closed) this.#inbound.receive(chunk);
  }

  /** The peer ended its direction of the byte stream. */
  receiveEnd(now: Millis): void {
    this.#state.guard.now = now;
    this.#peerEnded = true;
  }

  /**
   * A turn of the event loop begins. The peer may open so many streams in it; then nextEvent leaves the rest of the
   * input for a later turn, see `isReadingHeld`. Infinity until this is called.
   */
  allowStreams(count: number, now: Millis): void {
    this.#state.guard.now = now;
    this.#inbound.allowStreams(count);
  }

  /** `nextTimeout` has come. */
  handleTimeout(now: Millis): void {
    this.#state.guard.now = now;
    const due = this.#timers.takeDue(now, this.settingsReceived);
    if (due === "handshake") {
      const message = "the peer's preface and SETTINGS did not come in time";
      this.#outbound.goAway(ErrorCode.SETTINGS_TIMEOUT, message);
      this.#state.close({ code: ErrorCode.SETTINGS_TIMEOUT, message }, "local");
    } else if (due === "drain") {
      this.#finishDrain();
    }
  }

  // ---- commands

  /** Opens a stream; undefined when there is no slot. Client only. */
  openStream(headers: HeaderBlock, endStream: boolean): StreamId | undefined {
    if (this.streamSlots() <= 0) return undefined;
    const id = this.#state.nextLocalStreamId;
    this.#state.nextLocalStreamId += 2;
    // Streams of our own are not the peer's doing: it cannot open too many.
    this.#state.guard.opened();
    this.#outbound.sendHeaders(this.#state.open(id), headers, endStream);
    return id;
  }

  /** No id is left for another stream: the connection has to be replaced (RFC 9113 §5.1.1). */
  get idsUsedUp(): boolean {
    return this.#state.nextLocalStreamId > this.#state.limits.maxStreamId;
  }

  /** The id of the next stream that is opened here. */
  get nextStreamId(): StreamId {
    return this.#state.nextLocalStreamId;
  }

  /** How many streams may be opened now. */
  streamSlots(): number {
    const state = this.#state;
    if (state.closed || state.remoteGoAway || state.localDrain || !this.#inbound.control.settingsReceived) return 0;
    if (this.idsUsedUp) return 0;
    return Math.max(0, state.remote.maxConcurrentStreams - state.localStreams);
  }

  /** Headers of a response, or trailers with `endStream`. */
  sendHeaders(id: StreamId, headers: HeaderBlock, endStream: boolean): void {
    const stream = this.#state.sendable(id);
    if (stream !== undefined) this.#outbound.sendHeaders(stream, headers, endStream);
  }

  /** Resets a stream; what is queued on it is lost. */
  resetStream(id: StreamId, code: ErrorCode): void {
    const stream = this.#state.streams.get(id);
    if (stream !== undefined) this.#outbound.resetStream(stream, code);
  }

  /** Resets a stream behind its queued data and trailers: for a server that needs no more of the request (RFC 9113 §8.1). */
  resetBehindQueue(id: StreamId, code: ErrorCode): void {
    const stream = this.#state.streams.get(id);
    if (stream !== undefined) this.#outbound.resetBehindQueue(stream, code);
  }

  /** Gives `flowBytes` of received data back to the windows of stream and connection. */
  releaseWindow(id: StreamId, flowBytes: number): void {
    this.releaseConnectionWindow(flowBytes);
    this.releaseStreamWindow(id, flowBytes);
  }

  /** The same for the connection's window alone. */
  releaseConnectionWindow(flowBytes: number): void {
    if (flowBytes > 0 && !this.#state.closed) this.#inbound.ledger.releaseConnection(flowBytes);
  }

  /** The same for the stream's window alone. */
  releaseStreamWindow(id: StreamId, flowBytes: number): void {
    const stream = this.#state.streams.get(id);
    if (flowBytes > 0 && stream !== undefined && !this.#state.closed) {
      this.#inbound.ledger.releaseStream(stream, flowBytes);
    }
  }

  /**
   * `bytes` more are expected on a stream: the peer may send them all without waiting for what is given back meanwhile.
   * How many its window had to be opened for that, ahead of what is released.
   */
  openStreamWindow(id: StreamId, bytes: number): number {
    const stream = this.#state.streams.get(id);
    return stream === undefined || this.#state.closed ? 0 : this.#inbound.ledger.openAhead(stream, bytes);
  }

  /**
   * Starts a DATA payload with `prefixBytes` for the caller to fill in at `prefixOffset`. Until endData or abortData no
   * other payload may be started, and other commands, which may come from within an encoder, wait.
   */
  beginData(id: StreamId, prefixBytes: number): ByteSink {
    return this.#outbound.beginData(id, prefixBytes);
  }

  /** Whether a payload was started and has not ended. */
  get isWriting(): boolean {
    return this.#outbound.isWriting;
  }

  /** Where the prefix bytes are in the sink's `bytes`: to be asked for after encoding. */
  get prefixOffset(): number {
    return this.#outbound.prefixOffset;
  }

  /** Bytes written since beginData, the prefix included. */
  get messageBytes(): number {
    return this.#outbound.messageBytes;
  }

  /** Sends what was written. False: wait for the stream's `writable` event before sending more. */
  endData(endStream: boolean): boolean {
    return this.#outbound.endData(endStream);
  }

  abortData(): void {
    this.#outbound.abortData();
  }

  /** Sends a chunk by reference; it must not change before the stream has ended. False: as endData. */
  sendData(id: StreamId, chunk: Uint8Array, endStream: boolean): boolean {
    return this.#outbound.sendData(id, chunk, endStream);
  }

  /** What of a stream waits to be sent, and the windows that it waits for. */
  backlog(id: StreamId): SendBacklog {
    const stream = this.#state.streams.get(id);
    const streamWindow = this.#state.remote.initialWindowBytes + (stream?.sendDelta ?? 0);
    const { connectionWindow } = this.#outbound;
    return { queuedBytes: stream?.queuedBytes ?? 0, streamWindow, connectionWindow };
  }

  ping(payload: Uint8Array): void {
    this.#outbound.ping(false, payload, 0);
  }

  /**
   * Stops taking new streams; those that run go on. A server says so in two steps, so that streams on their way are not
   * lost (RFC 9113 §6.8): GOAWAY with the highest id, a PING, and behind its answer GOAWAY with the last one seen. What came
   * with the answer is read before: it may have overtaken streams.
   * `debug` is what the first of them says.
   */
  drain(now: Millis, debug = "the server is shutting down"): void {
    const state = this.#state;
    if (this.#draining !== "no" || state.closed) return;
    state.localDrain = true;
    if (state.role === "client") {
      this.#finishDrain();
      return;
    }
    this.#draining = "announced";
    this.#outbound.announceGoAway(highestStreamId, debug);
    this.#outbound.ping(false, drainPing, 0);
    this.#timers.startDrain(now);
  }

  /** Ends the session at once: GOAWAY with `debug` goes out, `closed` with `message` is the last event. */
  close(code: ErrorCode, message: string, debug = message): void {
    if (this.#state.closed) return;
    // A client that has drained said the very same then: no streams of the server's lie in between.
    const isSaid = code === ErrorCode.NO_ERROR && this.#draining === "final" && this.#state.role === "client";
    if (!isSaid) this.#outbound.goAway(code, debug);
    this.#state.close({ code, message }, "local");
  }

  // ---- outputs

  nextEvent(): SessionEvent | undefined {
    const event = this.#state.nextEvent() ?? this.#inbound.advance() ?? this.#state.nextEvent();
    if (event !== undefined || !this.#peerEnded || this.isReadingHeld) return event;
    this.#state.close({ code: ErrorCode.NO_ERROR, message: this.#describeEnd() }, "remote");
    return this.#state.nextEvent();
  }

  /** Bytes to write, about `maxBytes` of them. They stay the session's until outputReleased. */
  takeOutput(maxBytes: number): readonly Uint8Array[] {
    if (this.#draining === "answered" && !this.isReadingHeld) this.#finishDrain();
    return this.#outbound.takeOutput(maxBytes);
  }

  /** Bytes that takeOutput would give, beside those that are queued on streams. */
  get unsentBytes(): number {
    return this.#outbound.unsentBytes;
  }

  get hasOutput(): boolean {
    return this.#outbound.pending;
  }

  /** Everything that takeOutput has given so far has left. */
  outputReleased(): void {
    this.#outbound.outputReleased();
  }

  /** Nothing has come or gone for a while: memory is given back that is made anew when it is needed. */
  rest(now: Millis): void {
    this.#state.guard.rest(now);
    this.#inbound.rest();
    this.#outbound.rest();
    this.#state.streams.rest();
  }

  /** The answer to a PING came. Whether it was the one of a shutdown. */
  takePong(payload: Uint8Array): boolean {
    if (this.#draining !== "announced" || Buffer.compare(payload, drainPing) !== 0) return false;
    this.#draining = "answered";
    return true;
  }

  /** When handleTimeout wants to be called. */
  nextTimeout(): Millis | undefined {
    return this.#timers.next(this.settingsReceived);
  }

  // ---- views

  get role(): Role {
    return this.#state.role;
  }

  /**
   * There is input that nextEvent does not read: the streams of this turn have been opened, or answers have to leave
   * first (maxQueuedControlFrames). Ask the byte stream for no more until a later turn has read on.
   */
  get isReadingHeld(): boolean {
    return this.#inbound.hold !== "no" && !this.#state.closed;
  }

  /** Whether that is because answers have to leave first. */
  get isReadingHeldByOutput(): boolean {
    return this.#inbound.hold === "answers";
  }

  /** When bytes came from the peer last, at first when the session began. */
  get heardAt(): Millis {
    return this.#heardAt;
  }

  /** The time, as the session was told it last: at the beginning of a turn, or with input. */
  get toldTime(): Millis {
    return this.#state.guard.now;
  }

  /** What may be sent on the connection before the peer gives back window, in bytes. */
  get sendWindow(): number {
    return this.#outbound.connectionWindow;
  }

  /** What the session has met with so far. */
  get counters(): Readonly<SessionCounters> {
    return this.#state.counters;
  }

  /** The receiving side of flow control on the connection: what the peer may send, what is held, what is owed to it. */
  get receiveWindow(): Readonly<Pick<ReceiveWindow, "available" | "held" | "owed">> {
    return this.#inbound.ledger.connection;
  }

  /** Memory that the header lists of the peer's open streams keep. */
  get retainedHeaderBytes(): number {
    return this.#state.retainedHeaderBytes;
  }

  /** The peer's SETTINGS are in force. */
  get settingsReceived(): boolean {
    return this.#inbound.control.settingsReceived;
  }

  get openStreams(): number {
    return this.#state.streams.size;
  }

  /** Draining has been agreed on by both sides: only running streams are left. */
  get drained(): boolean {
    return this.#draining === "final";
  }

  get closed(): boolean {
    return this.#state.closed;
  }

  /** Size of the largest header list that the peer takes (RFC 9113 §6.5.2); Infinity when it did not say. */
  get maxSendHeaderListBytes(): number {
    return this.#state.remote.maxHeaderListBytes;
  }

  /** Whether a stream is there and takes DATA or HEADERS. */
  maySend(id: StreamId): boolean {
    const stream = this.#state.streams.get(id);
    return stream !== undefined && maySend(stream.state);
  }

  #describeEnd(): string {
    if (!this.#inbound.prefaceReceived) return "the peer closed the connection before it had spoken HTTP/2";
    if (this.#inbound.atFrameBoundary) return "the peer closed the connection";
    return "the peer closed the connection amid a frame";
  }

  #finishDrain(): void {
    if (this.#draining === "final") return;
    this.#draining = "final";
    this.#timers.endDrain();
    this.#state.acceptedRemoteStreamId = this.#state.lastRemoteStreamId;
    this.#outbound.goAway(ErrorCode.NO_ERROR, "");
  }
}
