import type { ByteStream, ByteStreamSink, Millis, Peer, Platform } from "../base/platform.js";
import { ErrorCode, errorCodeName } from "../http2/error-code.js";
import { Http2Session } from "../http2/session.js";
import type { SessionEvent, StreamId } from "../http2/session-event.js";
import { StreamTable } from "../http2/stream/stream-table.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../rpc/invoker.js";
import { misuse } from "../rpc/misuse.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { nextId } from "../telemetry/next-id.js";
import { Traffic, type TrafficReport } from "../telemetry/traffic.js";
import { encodeRequest } from "../wire/request-headers.js";
import type { ClientConnection } from "./client-connection.js";
import { ClientStream } from "./client-stream.js";
import { endedStream } from "./ended-stream.js";
import { IncompleteMessages } from "./message/incomplete-messages.js";
import { TurnBudget } from "./message/turn-budget.js";
import { UnreadBytes } from "./message/unread-bytes.js";
import { type CallDefaults, PreparedMethods } from "./prepared-methods.js";
import { SessionDriver, type SessionOwner } from "./session-driver.js";
import type { ClientTransport, ClientTransportListener } from "./transport.js";
import { Liveness } from "./upkeep/liveness.js";
import type { LivenessSettings } from "./upkeep/liveness-settings.js";

export interface ClientTransportOptions extends CallDefaults {
  readonly platform: Platform;
  readonly liveness: LivenessSettings;
}

/** Part of the stream ids after whose use a connection is to be replaced (as grpc-go). */
const wornPart = 0.75;

/** Without a payload of its own a PING is as good as another: any byte answers it. */
const pingPayload = Uint8Array.from([0x67, 0x6f, 0x64, 0x77, 0x69, 0x74, 0x00, 0x02]);

class Http2ClientTransport implements ClientTransport, ClientConnection, SessionOwner {
  readonly id = nextId();
  readonly session: Http2Session;
  readonly platform: Platform;
  readonly peer: Peer;
  readonly traffic = new Traffic();
  readonly driver: SessionDriver;

  readonly #stream: ByteStream;
  readonly #options: ClientTransportOptions;
  readonly #listener: ClientTransportListener;
  readonly #streams = new StreamTable<ClientStream>();
  /** Streams of calls that nobody waits for. */
  #background: Set<StreamId> | undefined;
  readonly #turn: TurnBudget;
  readonly #methods: PreparedMethods;
  readonly #liveness: Liveness;
  #keepalivesSent = 0;
  /** The server's SETTINGS have come; whether it leaves with the same breath, the end of the batch shows. */
  #isGreeted = false;
  #ready = false;
  #draining = false;
  /** A stream id above it makes the channel look for another connection. */
  #wornId: StreamId;
  /** Neither being closed nor too long silent. */
  #mayOpen = true;
  /** Whether a call was turned away for want of a slot since the last onSlots. */
  #hadNoSlot = false;
  #holdsProcess = true;
  /** Set once we end the connection: how its calls end. */
  #closing: Status | undefined;

  constructor(stream: ByteStream, options: ClientTransportOptions, listener: ClientTransportListener) {
    this.#stream = stream;
    this.#options = options;
    this.#listener = listener;
    this.platform = options.platform;
    this.peer = stream.peer;
    const { limits } = options;
    this.#turn = new TurnBudget(limits.maxMessagesPerTurn, this);
    this.#methods = new PreparedMethods(options, options.platform.compressor, {
      unread: new UnreadBytes(limits.maxUnreadBytes),
      incomplete: new IncompleteMessages(limits.maxIncompleteBytes),
      turn: this.#turn,
    });
    const now = this.platform.now();
    this.#wornId = Math.max(1, Math.floor(limits.maxStreamId * wornPart));
    this.#liveness = new Liveness(options.liveness, now);
    this.session = new Http2Session("client", limits, now);
    this.driver = new SessionDriver(this.session, stream, this.platform, this, limits);
    this.driver.schedule();
  }

  // ---- ClientTransport

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    const method = this.#methods.prepare(headers, options);
    if (typeof method === "string") return endedStream(sink, misuse(headers.method.path, method));
    if (headers.authority !== undefined) {
      const problem = this.#authorityProblem(headers.authority);
      if (problem !== undefined) return endedStream(sink, unprovedAuthority(problem));
    }
    const block = encodeRequest(method.prefix, {
      remainingMs:
        headers.deadline === Number.POSITIVE_INFINITY ? headers.deadline : headers.deadline - this.platform.now(),
      metadata: headers.metadata,
      encoding: method.encoding,
      previousAttempts: headers.previousAttempts ?? 0,
    });
    const limit = this.session.maxSendHeaderListBytes;
    if (limit !== Number.POSITIVE_INFINITY && block.listBytes > limit) {
      const message = `header list of the request is ${block.listBytes} bytes, the server's limit is ${limit}`;
      return endedStream(sink, { code: StatusCode.RESOURCE_EXHAUSTED, message, delivery: "not-sent" });
    }
    const id = this.session.openStream(block, false);
    if (id === undefined) {
      this.#hadNoSlot = true;
      const message = "the connection takes no more calls";
      return endedStream(sink, { code: StatusCode.UNAVAILABLE, message, delivery: "not-sent" });
    }
    headers.attemptStats?.onConnection(this.id, this.peer);
    const stream = new ClientStream(this, id, sink, method.sending, method.receiving, headers.attemptStats);
    this.#streams.add(stream);
    if (headers.isBackground === true) {
      this.#background ??= new Set();
      this.#background.add(id);
    }
    this.driver.schedule();
    return stream;
  }

  get activeCalls(): number {
    return this.#streams.size;
  }

  /** Stream ids are odd. */
  get startedCalls(): number {
    return (this.session.nextStreamId - 1) / 2;
  }

  get local(): string | undefined {
    return this.#stream.local;
  }

  reportTraffic(): TrafficReport {
    return this.traffic.report(this.platform, {
      streamsStarted: this.startedCalls,
      openStreams: this.#streams.size,
      messagesReceived: this.#turn.taken,
      keepalivesSent: this.#keepalivesSent,
      sendWindow: this.session.sendWindow,
      receiveWindow: this.session.receiveWindow.available,
    });
  }

  streamSlots(): number {
    const slots = this.#mayOpen ? this.session.streamSlots() : 0;
    if (slots === 0) this.#hadNoSlot = true;
    return slots;
  }

  wake(): boolean {
    if (this.#closing !== undefined || this.#draining || this.#mayOpen) return false;
    if (this.#liveness.ask(this.platform.now())) this.#ping();
    return true;
  }

  drain(): void {
    this.#draining = true;
    this.session.drain(this.platform.now());
    this.driver.schedule();
  }

  close(status: Status): void {
    this.driver.hurry();
    if (this.#closing !== undefined) return;
    this.#closing = status;
    this.#mayOpen = false;
    for (const stream of this.#streams.values()) stream.cancel(status);
    this.session.close(ErrorCode.NO_ERROR, status.message);
    this.driver.schedule();
  }

  // ---- ClientConnection

  schedule(): void {
    this.driver.schedule();
  }

  forget(id: StreamId): void {
    this.#streams.delete(id);
    this.#background?.delete(id);
  }

  // ---- SessionOwner

  onTurnStart(): void {
    this.#turn.renew();
  }

  onEvent(event: SessionEvent): void {
    switch (event.type) {
      case "headers":
        this.#streams.get(event.streamId)?.onHeaders(event.headers, event.endStream);
        return;
      case "data": {
        const stream = this.#streams.get(event.streamId);
        if (stream !== undefined) stream.onData(event);
        else this.session.releaseWindow(event.streamId, event.end - event.start);
        return;
      }
      case "reset":
        this.#streams.get(event.streamId)?.onReset(event);
        return;
      case "writable":
        this.#streams.get(event.streamId)?.onWritable();
        return;
      case "settings":
        this.#isGreeted = true;
        return;
      case "goAway":
        this.#onGoAway(event);
        return;
      case "pong":
        return;
      case "closed":
        this.#onSessionClosed(event.initiator === "remote" ? this.#withHint(event.message) : event.message);
        return;
    }
  }

  onBatchEnd(): void {
    if (this.#isGreeted && !this.#ready && !this.#draining) this.#tellReady();
    if (this.#hadNoSlot) this.#offerSlots();
  }

  onTurnEnd(): void {
    this.traffic.onTurn(this.startedCalls, this.#turn.taken, this.session.toldTime);
    const active = this.#streams.size > (this.#background?.size ?? 0) || !this.#ready;
    if (active !== this.#holdsProcess) {
      this.#holdsProcess = active;
      this.#stream.keepAlive(active);
    }
    if (this.session.nextStreamId > this.#wornId) this.#onWorn();
    if (!this.session.closed && this.session.openStreams === 0 && (this.session.drained || this.#draining)) {
      this.session.close(ErrorCode.NO_ERROR, "the connection was drained");
      this.driver.schedule();
    }
    this.onBatchEnd();
  }

  nextTimeout(): Millis {
    return this.#liveness.nextTimeout(this.#streams.size > 0);
  }

  onTimeout(now: Millis): void {
    const verdict = this.#liveness.onTimeout(now, this.driver.silentSince(now), this.#streams.size > 0);
    this.#mayOpen = this.#closing === undefined && this.#liveness.isTrusted;
    if (verdict === "ping") this.#ping();
    else if (verdict !== undefined) this.driver.abandon(verdict.lost);
  }

  onRest(): void {
    this.#streams.rest();
    this.#methods.rest();
  }

  onClosed(reason: string): void {
    this.#loseCalls(reason);
    this.#listener.onClosed(reason);
  }

  /** gRFC A81: a call for another name needs a server that has proved it. Nothing is to be proved without TLS. */
  #authorityProblem(authority: string): string | undefined {
    return authority === this.#options.authority ? undefined : this.#stream.authorityProblem?.(authority);
  }

  #ping(): void {
    this.#keepalivesSent += 1;
    this.session.ping(pingPayload);
    this.driver.schedule();
  }

  #offerSlots(): void {
    if (!this.#mayOpen && this.#closing === undefined) {
      this.#liveness.onHeard(this.session.heardAt, this.platform.now());
      this.#mayOpen = this.#liveness.isTrusted;
    }
    if (!this.#mayOpen || this.session.streamSlots() === 0) return;
    this.#hadNoSlot = false;
    this.#listener.onSlots();
  }

  /** Another connection has time to take over: as a rule no call ever waits for it. */
  #onWorn(): void {
    if (this.session.idsUsedUp) this.#tellDraining("all stream ids of the connection are used");
    else if (!this.#draining) {
      this.#wornId = this.#options.limits.maxStreamId;
      this.#listener.onWorn();
    }
  }

  /** The byte stream may take its time to close: whoever waits for an answer, or for a connection, need not. */
  #onSessionClosed(reason: string): void {
    if (this.#closing === undefined) this.#tellDraining(reason);
    this.#loseCalls(reason);
  }

  /** A server that hangs up without a word before its SETTINGS mostly has one of two reasons. */
  #withHint(message: string): string {
    if (this.#ready || this.peer.security === "local") return message;
    const isSecure = this.peer.security === "tls";
    return `${message}; a server ${isSecure ? "that does not take the client's certificate" : "that expects TLS"} may do that`;
  }

  #loseCalls(reason: string): void {
    // Calls whose answer is complete go on: their messages may wait for turns, and the driver has none behind its end.
    this.#turn.outlive({ schedule: () => this.platform.scheduleTurn(() => this.#turn.renew()) });
    for (const stream of this.#streams.values()) stream.onClosed(reason, this.driver.hasNeverLeft(stream.id));
  }

  #tellReady(): void {
    this.#ready = true;
    this.#listener.onReady();
  }

  #onGoAway(event: SessionEvent & { type: "goAway" }): void {
    if (event.code === ErrorCode.ENHANCE_YOUR_CALM && event.debug === "too_many_pings") this.#listener.onTooManyPings();
    // One that only restarts was there; one that says what is wrong with us never was.
    if (this.#isGreeted && !this.#ready && event.code === ErrorCode.NO_ERROR) this.#tellReady();
    const debug = event.debug === "" ? "" : `: ${event.debug}`;
    this.#tellDraining(`the server is going away (${errorCodeName(event.code)})${debug}`);
  }

  #tellDraining(reason: string): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#listener.onDraining(reason);
  }
}

/** No other connection of this channel would do, and no byte has left: the call is final (gRFC A81). */
function unprovedAuthority(problem: string): Status {
  return { code: StatusCode.UNAVAILABLE, message: `authority: ${problem}`, delivery: "not-sent", isFinal: true };
}

/** A transport over a byte stream that has just opened. Its sink belongs to the stream; calls may start after onReady. */
export function createClientTransport(
  stream: ByteStream,
  options: ClientTransportOptions,
  listener: ClientTransportListener,
): { readonly transport: ClientTransport; readonly sink: ByteStreamSink } {
  const transport = new Http2ClientTransport(stream, options, listener);
  return { transport, sink: transport.driver };
}
