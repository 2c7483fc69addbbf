import { assert } from "../base/assert.js";
import type { Millis } from "../base/platform.js";
import { defaultWindowBytes, RemoteSettings } from "./connection/settings.js";
import type { Violation } from "./error-code.js";
import { PeerGuard } from "./guard/peer-guard.js";
import type { Http2Limits } from "./limits.js";
import type { Role } from "./role.js";
import { SessionCounters } from "./session-counters.js";
import type { SessionEvent, StreamId } from "./session-event.js";
import { Http2Stream } from "./stream/http2-stream.js";
import { mayReceive, maySend, type StreamTransition } from "./stream/stream-state.js";
import { StreamTable } from "./stream/stream-table.js";

/** Streams ended by RST_STREAM that are remembered, so that frames already on their way are told from violations (RFC 9113 §5.1). */
const rememberedResets = 1000;
/** In place of what the peer may still send on a stream: it has reset it itself. */
const byPeer = -1;
/** Stretches of ids that a peer passed over that are remembered, so that their use is told from that of closed streams. */
const rememberedGaps = 32;

/** What the inbound and the outbound half of a session share. */
export class SessionState {
  readonly role: Role;
  readonly limits: Http2Limits;
  readonly remote = new RemoteSettings();
  readonly streams = new StreamTable<Http2Stream>();
  readonly counters = new SessionCounters();
  readonly guard: PeerGuard;
  /** Memory of the header lists of the peer's open streams. */
  retainedHeaderBytes = 0;
  /** Streams that we opened and that are not closed. */
  localStreams = 0;
  /** Streams that the peer opened and that are not closed. */
  remoteStreams = 0;
  nextLocalStreamId: StreamId;
  /** First of our streams whose HEADERS have not left: to the peer it is idle still. */
  unsentLocalStreamId: StreamId;
  /** Highest stream that the peer has opened. */
  lastRemoteStreamId: StreamId = 0;
  /** Highest stream of the peer that is served, once we have said GOAWAY. */
  acceptedRemoteStreamId: StreamId = 0x7fffffff;
  /** The peer has sent GOAWAY. */
  remoteGoAway = false;
  /** We take no new streams of our own. */
  localDrain = false;
  /** Nothing is read or sent any more once the events are taken. */
  closed = false;
  /** Events that a frame or command brought and that wait to be taken. */
  readonly #events: SessionEvent[] = [];
  /** What the peer may still send on streams that we have reset; `byPeer` for those that it has. */
  #resets: Map<StreamId, number> | undefined;
  /** Highest stream reset by us that is not remembered any more. */
  #forgottenReset: StreamId = 0;
  /** First and last id of each stretch, the newest last. */
  #gaps: { readonly from: StreamId; readonly to: StreamId }[] | undefined;
  /** The peer knows our SETTINGS. */
  areSettingsAcknowledged = false;

  constructor(role: Role, limits: Http2Limits, now: Millis) {
    this.role = role;
    this.limits = limits;
    this.guard = new PeerGuard(limits, this.counters, now);
    this.nextLocalStreamId = role === "client" ? 1 : 2;
    this.unsentLocalStreamId = this.nextLocalStreamId;
  }

  emit(event: SessionEvent): void {
    if (!this.closed) this.#events.push(event);
  }

  nextEvent(): SessionEvent | undefined {
    return this.#events.length === 0 ? undefined : this.#events.shift();
  }

  /** Ends the session; `closed` is its last event. */
  close(violation: Omit<Violation, "scope">, initiator: "local" | "remote"): void {
    if (this.closed) return;
    this.emit({ type: "closed", code: violation.code, initiator, message: violation.message });
    this.closed = true;
  }

  isLocal(id: StreamId): boolean {
    return (id & 1) === (this.role === "client" ? 1 : 0);
  }

  /** Whether a stream of this id has been opened by anyone, ever. */
  wasOpened(id: StreamId): boolean {
    return this.isLocal(id) ? id < this.unsentLocalStreamId : id <= this.lastRemoteStreamId;
  }

  /** The peer opens a stream, which closes those below that were not used (RFC 9113 §5.1.1). */
  advanceRemote(id: StreamId): void {
    const from = this.lastRemoteStreamId === 0 ? 1 : this.lastRemoteStreamId + 2;
    this.lastRemoteStreamId = id;
    if (id === from) return;
    this.#gaps ??= [];
    this.#gaps.push({ from, to: id - 2 });
    if (this.#gaps.length > rememberedGaps) this.#gaps.shift();
  }

  /** Whether the peer passed a stream over, as far as is remembered. */
  wasPassedOver(id: StreamId): boolean {
    return !this.isLocal(id) && this.#gaps?.some(({ from, to }) => id >= from && id <= to) === true;
  }

  /** Whether a stream is one of those above the last that we announced. */
  isIgnored(id: StreamId): boolean {
    return id > this.acceptedRemoteStreamId && !this.isLocal(id);
  }

  /** What GOAWAY says: never more than it said before (RFC 9113 §6.8). */
  get goAwayStreamId(): StreamId {
    return Math.min(this.lastRemoteStreamId, this.acceptedRemoteStreamId);
  }

  open(id: StreamId): Http2Stream {
    const { streamWindowBytes } = this.limits;
    const granted = this.areSettingsAcknowledged ? streamWindowBytes : Math.max(streamWindowBytes, defaultWindowBytes);
    const stream = new Http2Stream(id, streamWindowBytes, granted);
    stream.openedAt = this.guard.now;
    this.streams.add(stream);
    if (this.isLocal(id)) this.localStreams += 1;
    else this.remoteStreams += 1;
    return stream;
  }

  /** Until here the peer may have counted with the protocol's default window, where ours is smaller (RFC 9113 §6.9.2). */
  settingsAcknowledged(): void {
    if (this.areSettingsAcknowledged) return;
    this.areSettingsAcknowledged = true;
    const excess = defaultWindowBytes - this.limits.streamWindowBytes;
    if (excess <= 0) return;
    for (const stream of this.streams.values()) stream.receiveWindow.shrink(excess);
  }

  /** Moves a stream on and forgets it when that closes it. */
  transition(stream: Http2Stream, input: StreamTransition): void {
    stream.transition(input);
    if (stream.state !== "closed") return;
    const wasOpen = this.streams.delete(stream.id);
    assert(wasOpen, "a stream is closed once");
    this.retainedHeaderBytes -= stream.headerBytes;
    if (this.isLocal(stream.id)) this.localStreams -= 1;
    else this.remoteStreams -= 1;
  }

  /** The peer has reset a stream. */
  recordRemoteReset(id: StreamId): void {
    this.#remember(id, byPeer);
  }

  /**
   * We have reset a stream on which the peer might still send `windowBytes`. One that was reset for having sent too much is
   * granted another window: its sender is wrong, but may not be hostile.
   */
  recordLocalReset(id: StreamId, windowBytes: number): void {
    this.guard.resetSent();
    this.#remember(id, windowBytes > 0 ? windowBytes : this.limits.streamWindowBytes);
  }

  /** Below the streams that are remembered it may have been us: then what comes was on its way, and is no violation. */
  whoReset(id: StreamId): "local" | "remote" | undefined {
    const left = this.#resets?.get(id);
    if (left === undefined) return id <= this.#forgottenReset ? "local" : undefined;
    return left === byPeer ? "remote" : "local";
  }

  /**
   * DATA came on a stream that we have reset. What is left of the window that it had then: less than 0 is more than the
   * peer may have had on its way. Undefined when the stream is not remembered.
   */
  chargeReset(id: StreamId, flowBytes: number): number | undefined {
    const left = this.#resets?.get(id);
    if (left === undefined) return undefined;
    if (left >= flowBytes) this.#resets?.set(id, left - flowBytes);
    return left - flowBytes;
  }

  #remember(id: StreamId, left: number): void {
    this.#resets ??= new Map();
    const resets = this.#resets;
    resets.set(id, left);
    if (resets.size <= rememberedResets) return;
    for (const [oldest, oldestLeft] of resets) {
      resets.delete(oldest);
      if (oldestLeft !== byPeer && oldest > this.#forgottenReset) this.#forgottenReset = oldest;
      return;
    }
  }

  /** The stream, if we may still send on it. */
  sendable(id: StreamId): Http2Stream | undefined {
    const stream = this.streams.get(id);
    return stream !== undefined && maySend(stream.state) && stream.queuedEnd === undefined ? stream : undefined;
  }

  /** The stream, if the peer may still send on it. */
  receivable(id: StreamId): Http2Stream | undefined {
    const stream = this.streams.get(id);
    return stream !== undefined && mayReceive(stream.state) ? stream : undefined;
  }
}
