/** The sending half of a session: commands in, bytes out. */
import type { ByteSink } from "../base/byte-sink.js";
import { OutputArena } from "../base/output-arena.js";
import { HpackEncoder } from "../hpack/encoder.js";
import type { HeaderBlock } from "../hpack/header-block.js";
import { defaultWindowBytes, localSettings } from "./connection/settings.js";
import { ErrorCode } from "./error-code.js";
import { Flag, FrameType, frameHeaderBytes } from "./frame/frame-type.js";
import {
  appendGoAway,
  appendPing,
  appendRstStream,
  appendSettings,
  appendSettingsAck,
  appendWindowUpdate,
  typeAndFlags,
  writeFrameHeader,
} from "./frame/frame-writer.js";
import { appendHeaders } from "./frame/header-frames.js";
import type { StreamId } from "./session-event.js";
import type { SessionState } from "./session-state.js";
import type { Http2Stream } from "./stream/http2-stream.js";
import { WriteScheduler } from "./write-scheduler.js";

/** Output of one turn beyond which messages queue on their stream, so that the scheduler can share the rest out. */
const turnShareBytes = 64 * 1024;
/** Payload of one DATA frame, however large the peer takes them: a stream's turn must not keep the others waiting long. */
const maxDataFrameBytes = 64 * 1024;
/** Pieces of a queued message below this are copied into the arena: shorter than what a piece more costs in a write. */
const copyBytes = 2048;

/** First memory of the frames that overtake others: a handshake, and a few answers. */
const controlBytes = 512;
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
const data = typeAndFlags(FrameType.DATA, 0);
const dataEndStream = typeAndFlags(FrameType.DATA, Flag.END_STREAM);

export class SessionOutbound {
  /** Send window of the connection. */
  connectionWindow = defaultWindowBytes;

  readonly #state: SessionState;
  readonly #encoder = new HpackEncoder();
  /** HEADERS, DATA, RST_STREAM and whatever must keep its place among them. */
  readonly #arena = new OutputArena();
  /** What overtakes them: PING, WINDOW_UPDATE, GOAWAY. Begins with our SETTINGS, which nothing overtakes. */
  #control: OutputArena | undefined;
  /** Answers since the last takeOutput. */
  #answers = 0;
  /** PINGs of ours that the peer has not answered. */
  pingsUnderway = 0;
  /** Undefined while nothing has to wait for its turn. */
  #scheduler: WriteScheduler | undefined;
  /** Streams wait for the connection's window: nothing may pass them. */
  #starved = false;
  /** The stream of the message that is being written. */
  #writing: StreamId = 0;
  /** Commands that came while a message was being written, from within its encoder. */
  #late: (() => void)[] | undefined;

  constructor(state: SessionState) {
    this.#state = state;
    const control = this.#openControl();
    if (state.role === "client") control.append(preface);
    appendSettings(control, localSettings(state.role, state.limits));
    const extra = state.limits.connectionWindowBytes - defaultWindowBytes;
    if (extra > 0) appendWindowUpdate(control, 0, extra);
  }

  /** Whether takeOutput has something to give. */
  get pending(): boolean {
    if (this.unsentBytes > 0) return true;
    return this.connectionWindow > 0 && this.#scheduler?.idle === false;
  }

  get unsentBytes(): number {
    return this.#arena.pendingBytes + (this.#control === undefined ? 0 : this.#control.pendingBytes);
  }

  sendHeaders(stream: Http2Stream, headers: HeaderBlock, endStream: boolean): void {
    if (this.isWriting) {
      this.#commandLater(() => {
        if (this.#state.sendable(stream.id) === stream) this.sendHeaders(stream, headers, endStream);
      });
      return;
    }
    stream.headersSent = true;
    if (stream.queuedBytes > 0) {
      // Only trailers can stand behind DATA: a response's or request's first headers go before any.
      stream.queuedEnd = { kind: "trailers", headers };
      return;
    }
    this.#writeHeaders(stream.id, headers, endStream);
    if (endStream) this.#state.transition(stream, "sendEndStream");
  }

  beginData(id: StreamId, prefixBytes: number): ByteSink {
    this.#arena.begin(frameHeaderBytes + prefixBytes);
    this.#writing = id;
    return this.#arena;
  }

  /** Where the prefix bytes of the message being written are in its sink's `bytes`. */
  get prefixOffset(): number {
    return this.#arena.messageStart + frameHeaderBytes;
  }

  /** Bytes of the message being written, its prefix included. */
  get messageBytes(): number {
    return this.#arena.messageBytes - frameHeaderBytes;
  }

  /** Whether a message is being written. What is commanded meanwhile waits for its end: nothing goes amid a message. */
  get isWriting(): boolean {
    return this.#arena.writing;
  }

  abortData(): void {
    this.#arena.abort();
    if (this.#late !== undefined) this.#runLate(this.#late);
  }

  endData(endStream: boolean): boolean {
    const writable = this.#endMessage(endStream);
    if (this.#late !== undefined) this.#runLate(this.#late);
    return writable;
  }

  #endMessage(endStream: boolean): boolean {
    const arena = this.#arena;
    const stream = this.#state.sendable(this.#writing);
    if (stream === undefined) {
      arena.abort();
      return true;
    }
    const size = arena.messageBytes - frameHeaderBytes;
    if (arena.contiguous && stream.queuedBytes === 0 && this.#fits(stream, size)) {
      writeFrameHeader(arena.bytes, arena.messageStart, size, endStream ? dataEndStream : data, stream.id);
      arena.commit();
      this.#spend(stream, size);
      if (endStream) this.#state.transition(stream, "sendEndStream");
      return true;
    }
    const { chunks, byteLength } = arena.detach(frameHeaderBytes);
    for (const chunk of chunks) stream.enqueue(chunk);
    return this.#enqueue(stream, byteLength, endStream);
  }

  sendData(id: StreamId, chunk: Uint8Array, endStream: boolean): boolean {
    if (this.isWriting) {
      this.#commandLater(() => this.sendData(id, chunk, endStream));
      return true;
    }
    const stream = this.#state.sendable(id);
    if (stream === undefined) return true;
    if (chunk.length === 0 && stream.queuedBytes === 0) {
      if (endStream) {
        this.#writeDataHeader(stream, 0, true);
        this.#state.transition(stream, "sendEndStream");
      }
      return true;
    }
    if (chunk.length > 0) stream.enqueue(chunk);
    return this.#enqueue(stream, chunk.length, endStream);
  }

  /** Drops what is queued and resets the stream. */
  resetStream(stream: Http2Stream, code: number): void {
    if (this.isWriting) {
      this.#commandLater(() => {
        if (stream.state !== "closed") this.resetStream(stream, code);
      });
      return;
    }
    this.discard(stream);
    this.#state.transition(stream, "reset");
    this.#state.recordLocalReset(stream.id, stream.receiveWindow.available);
    appendRstStream(this.#arena, stream.id, code);
  }

  /** Resets a stream once everything queued on it has been sent. */
  resetBehindQueue(stream: Http2Stream, code: number): void {
    if (stream.queuedEnd === undefined) this.resetStream(stream, code);
    else stream.queuedReset = code;
  }

  /** RST_STREAM for a stream that has no state. */
  refuse(id: StreamId, code: number): void {
    // It was never opened here: the peer has all of a new stream's window.
    this.#state.recordLocalReset(id, Math.max(this.#state.limits.streamWindowBytes, defaultWindowBytes));
    appendRstStream(this.#arena, id, code);
    this.countAnswer();
  }

  /** Forgets what a stream that ends has queued. */
  discard(stream: Http2Stream): void {
    stream.discard();
    this.#scheduler?.forget(stream);
  }

  settingsAck(): void {
    // Keeps its place among HEADERS and DATA: what follows it obeys the new settings, what precedes it the old ones.
    appendSettingsAck(this.#arena);
    this.countAnswer();
  }

  ping(ack: boolean, payload: Uint8Array, start: number): void {
    // A server that drains takes the answer for a sign that every stream on its way has come (RFC 9113 §6.8).
    const isBehindStreams = ack && this.#state.unsentLocalStreamId !== this.#state.nextLocalStreamId;
    appendPing(isBehindStreams ? this.#arena : this.#openControl(), ack, payload, start);
    if (ack) this.countAnswer();
    else this.pingsUnderway += 1;
  }

  windowUpdate(streamId: StreamId, increment: number): void {
    appendWindowUpdate(this.#openControl(), streamId, increment);
  }

  goAway(code: number, debug: string): void {
    appendGoAway(this.#openControl(), this.#state.goAwayStreamId, code, debug);
  }

  /** The first GOAWAY of two: it takes nothing from the peer yet. */
  announceGoAway(lastStreamId: StreamId, debug: string): void {
    appendGoAway(this.#openControl(), lastStreamId, ErrorCode.NO_ERROR, debug);
  }

  /** An answer to the peer was written. */
  countAnswer(): void {
    this.#answers += 1;
  }

  /** So many answers wait to leave that nothing more is read before they have (RFC 9113 §10.5; GO-2026-6061). */
  get areAnswersPiledUp(): boolean {
    return this.#answers >= this.#state.limits.maxQueuedControlFrames;
  }

  /** The peer's settings changed (RFC 9113 §6.5.3). */
  remoteSettingsChanged(): void {
    const { lowestHeaderTableBytes, headerTableBytes } = this.#state.remote;
    this.#encoder.setMaxTableSize(lowestHeaderTableBytes);
    this.#encoder.setMaxTableSize(headerTableBytes);
    this.#scheduler?.unblockAll();
  }

  /** A window of the stream grew. */
  streamWindowGrew(stream: Http2Stream): void {
    this.#scheduler?.unblock(stream);
  }

  /** Output of about `maxBytes`, at most one frame more. */
  takeOutput(maxBytes: number): readonly Uint8Array[] {
    while (this.#arena.pendingBytes < maxBytes && this.connectionWindow > 0) {
      const stream = this.#scheduler?.take();
      if (stream === undefined) break;
      this.#sendQueued(stream);
    }
    this.#starved = this.connectionWindow <= 0 && this.#scheduler?.idle === false;
    this.#answers = 0;
    this.#state.unsentLocalStreamId = this.#state.nextLocalStreamId;
    const output = this.#arena.take();
    const control = this.#control;
    return control === undefined || control.pendingBytes === 0 ? output : [...control.take(), ...output];
  }

  /** Nothing that takeOutput has given is in use any more. */
  outputReleased(): void {
    this.#arena.release();
    this.#control?.release();
  }

  /** Nothing has gone for a while. */
  rest(): void {
    this.#arena.rest();
    if (this.#control?.pendingBytes === 0) this.#control = undefined;
    if (this.#scheduler?.isEmpty === true) this.#scheduler = undefined;
    this.#encoder.rest();
  }

  #openControl(): OutputArena {
    this.#control ??= new OutputArena(controlBytes);
    return this.#control;
  }

  #openScheduler(): WriteScheduler {
    this.#scheduler ??= new WriteScheduler();
    return this.#scheduler;
  }

  #fits(stream: Http2Stream, size: number): boolean {
    // RFC 9113 §6.9.1: what is empty needs no window.
    if (size === 0) return true;
    const { remote } = this.#state;
    return (
      size <= remote.maxFrameBytes &&
      size <= remote.initialWindowBytes + stream.sendDelta &&
      size <= this.connectionWindow &&
      size <= maxDataFrameBytes &&
      !this.#starved &&
      this.#arena.pendingBytes < turnShareBytes
    );
  }

  #spend(stream: Http2Stream, size: number): void {
    this.#state.guard.dataSent(size);
    stream.sendDelta -= size;
    this.connectionWindow -= size;
  }

  #enqueue(stream: Http2Stream, size: number, endStream: boolean): boolean {
    stream.queuedBytes += size;
    if (endStream) stream.queuedEnd = { kind: "endStream" };
    this.#openScheduler().schedule(stream);
    if (stream.queuedBytes <= this.#state.limits.streamSendBufferBytes) return true;
    stream.saturated = true;
    return false;
  }

  #writeHeaders(id: StreamId, headers: HeaderBlock, endStream: boolean): void {
    this.#state.counters.headerBlocksSent += 1;
    appendHeaders(this.#arena, this.#encoder, headers, this.#state.remote.maxFrameBytes, id, endStream);
  }

  #writeDataHeader(stream: Http2Stream, size: number, endStream: boolean): void {
    const arena = this.#arena;
    arena.ensure(frameHeaderBytes);
    writeFrameHeader(arena.bytes, arena.position, size, endStream ? dataEndStream : data, stream.id);
    arena.position += frameHeaderBytes;
  }

  /** Sends one frame of what is queued; the connection has a window. */
  #sendQueued(stream: Http2Stream): void {
    if (stream.queuedBytes > 0) {
      const { remote } = this.#state;
      const streamWindow = remote.initialWindowBytes + stream.sendDelta;
      if (streamWindow <= 0) {
        this.#openScheduler().block(stream);
        return;
      }
      const frameBytes = Math.min(remote.maxFrameBytes, maxDataFrameBytes);
      const size = Math.min(stream.queuedBytes, streamWindow, this.connectionWindow, frameBytes);
      const endStream = size === stream.queuedBytes && stream.queuedEnd?.kind === "endStream";
      this.#writeDataHeader(stream, size, endStream);
      this.#moveQueued(stream, size);
      this.#spend(stream, size);
      this.#tellWritable(stream);
    }
    if (stream.queuedBytes > 0) this.#openScheduler().schedule(stream);
    else this.#finishQueue(stream);
  }

  #commandLater(command: () => void): void {
    this.#late ??= [];
    this.#late.push(command);
  }

  #runLate(commands: readonly (() => void)[]): void {
    this.#late = undefined;
    for (const command of commands) command();
  }

  /** Moves `size` bytes from the stream's queue into the output. */
  #moveQueued(stream: Http2Stream, size: number): void {
    const queue = stream.queue;
    let left = size;
    let used = 0;
    while (left > 0) {
      const chunk = queue[used] as Uint8Array;
      const piece = chunk.length <= left ? chunk : chunk.subarray(0, left);
      if (piece.length < copyBytes) this.#arena.append(piece);
      else this.#arena.appendReference(piece);
      if (piece === chunk) used += 1;
      else queue[used] = chunk.subarray(left);
      left -= piece.length;
    }
    if (used === queue.length) queue.length = 0;
    else if (used > 0) queue.splice(0, used);
    stream.queuedBytes -= size;
  }

  #tellWritable(stream: Http2Stream): void {
    if (!stream.saturated || stream.queuedBytes * 2 > this.#state.limits.streamSendBufferBytes) return;
    stream.saturated = false;
    if (stream.queuedEnd === undefined) this.#state.emit({ type: "writable", streamId: stream.id });
  }

  #finishQueue(stream: Http2Stream): void {
    const end = stream.queuedEnd;
    if (end === undefined) return;
    const reset = stream.queuedReset;
    if (end.kind === "trailers") this.#writeHeaders(stream.id, end.headers, true);
    stream.queuedEnd = undefined;
    this.#state.transition(stream, "sendEndStream");
    if (reset !== undefined && stream.state !== "closed") this.resetStream(stream, reset);
  }
}
