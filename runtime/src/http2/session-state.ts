import { assert } from "../base/assert.js";
import { RemoteSettings } from "./connection/settings.js";
import type { Violation } from "./error-code.js";
import type { Http2Limits } from "./limits.js";
import type { SessionEvent, StreamId } from "./session-event.js";
import { Http2Stream } from "./stream/http2-stream.js";
import { mayReceive, maySend, type StreamTransition } from "./stream/stream-state.js";

export type Role = "client" | "server";

/** Streams ended by RST_STREAM that are remembered, so that frames already on their way are told from violations (RFC 9113 §5.1). */
const rememberedResets = 1000;

/** What the inbound and the outbound half of a session share. */
export class SessionState {
  readonly role: Role;
  readonly limits: Http2Limits;
  readonly remote = new RemoteSettings();
  readonly streams = new Map<StreamId, Http2Stream>();
  /** Streams that we opened and that are not closed. */
  localStreams = 0;
  /** Streams that the peer opened and that are not closed. */
  remoteStreams = 0;
  nextLocalStreamId: StreamId;
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
  readonly #resets = new Map<StreamId, "local" | "remote">();

  constructor(role: Role, limits: Http2Limits) {
    this.role = role;
    this.limits = limits;
    this.nextLocalStreamId = role === "client" ? 1 : 2;
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
    return this.isLocal(id) ? id < this.nextLocalStreamId : id <= this.lastRemoteStreamId;
  }

  open(id: StreamId): Http2Stream {
    const stream = new Http2Stream(id, this.limits.streamWindowBytes);
    this.streams.set(id, stream);
    if (this.isLocal(id)) this.localStreams += 1;
    else this.remoteStreams += 1;
    return stream;
  }

  /** Moves a stream on and forgets it when that closes it. */
  transition(stream: Http2Stream, input: StreamTransition): void {
    stream.transition(input);
    if (stream.state !== "closed") return;
    assert(this.streams.delete(stream.id), `stream ${stream.id} is closed once`);
    if (this.isLocal(stream.id)) this.localStreams -= 1;
    else this.remoteStreams -= 1;
  }

  /** Remembers who reset a stream. */
  recordReset(id: StreamId, initiator: "local" | "remote"): void {
    this.#resets.set(id, initiator);
    if (this.#resets.size > rememberedResets) {
      for (const oldest of this.#resets.keys()) {
        this.#resets.delete(oldest);
        break;
      }
    }
  }

  whoReset(id: StreamId): "local" | "remote" | undefined {
    return this.#resets.get(id);
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
