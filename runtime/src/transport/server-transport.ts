import type { ByteStream, ByteStreamSink, Millis, Peer, Platform } from "../base/platform.js";
import { MethodCodecTable } from "../codec/method-codecs.js";
import type { HeaderBlock } from "../hpack/header-block.js";
import { ErrorCode } from "../http2/error-code.js";
import { Http2Session } from "../http2/session.js";

import { isFault, type SessionEvent, type StreamId } from "../http2/session-event.js";

import { StreamTable } from "../http2/stream/stream-table.js";
import { StatusCode } from "../rpc/status-code.js";
import { nextId } from "../telemetry/next-id.js";
import { Traffic } from "../telemetry/traffic.js";
import { IncompleteMessages } from "./message/incomplete-messages.js";
import { TurnBudget } from "./message/turn-budget.js";
import { UnreadBytes } from "./message/unread-bytes.js";
import { ResponseHeaderBlocks } from "./response-header-blocks.js";
import { ServedMethods } from "./served-methods.js";
import type { ConnectionCall, ServerConnection } from "./server-connection.js";
import { ServerStream } from "./server-stream.js";
import { SessionDriver, type SessionOwner } from "./session-driver.js";
import type { CallDispatcher, ConnectionReport, ServerTransport, ServerTransportListener } from "./transport.js";
import type { TransportLimits } from "./transport-limits.js";
import { ServerUpkeep, type UpkeepOptions, type UpkeepOwner } from "./upkeep/server-upkeep.js";

export interface ServerTransportOptions {
  readonly platform: Platform;
  readonly limits: TransportLimits;
  /** Encoding of responses for clients that accept it. Default none. */
  readonly compression?: string | undefined;
  /** Default: every format. */
  readonly codecs?: MethodCodecTable | undefined;
  /** Default: the connection is left to its client. */
  readonly upkeep?: UpkeepOptions | undefined;
}

class Http2ServerTransport implements ServerTransport, ServerConnection, SessionOwner, UpkeepOwner {
  readonly id = nextId();
  readonly session: Http2Session;
  readonly platform: Platform;
  readonly peer: Peer;
  readonly dispatcher: CallDispatcher;
  readonly limits: TransportLimits;
  readonly compression: string | undefined;
  readonly codecs: MethodCodecTable;
  readonly unread: UnreadBytes;
  readonly incomplete: IncompleteMessages;
  readonly turn: TurnBudget;
  readonly traffic = new Traffic();
  readonly driver: SessionDriver;

  readonly #stream: ByteStream;
  readonly #listener: ServerTransportListener;
  readonly #upkeep: ServerUpkeep | undefined;
  /** It was sent away for what the application wants, and not for what it did. */
  #isBlameless = false;
  /** Made with the first call: most connections are idle, and some never have one. */
  #served: ServedMethods | undefined;
  readonly #streams = new StreamTable<ServerStream>();
  /** Highest stream that a call came on. */
  #lastStreamId = 0;
  /** Calls of the current batch of events; their handlers start at its end. */
  #starting: ServerStream[] | undefined;
  /** Calls for which there was no slot. */
  #waiting: Set<ServerStream> | undefined;
  /** Calls that run, and handlers whose call has ended. */
  #usedSlots = 0;
  readonly #headers: ResponseHeaderBlocks;

  constructor(
    stream: ByteStream,
    options: ServerTransportOptions,
    dispatcher: CallDispatcher,
    listener: ServerTransportListener,
  ) {
    this.#stream = stream;
    this.platform = options.platform;
    this.limits = options.limits;
    this.compression = options.compression;
    this.peer = stream.peer;
    this.dispatcher = dispatcher;
    this.codecs = options.codecs ?? new MethodCodecTable();
    this.#listener = listener;
    this.#headers = headersFor(options);
    this.unread = new UnreadBytes(this.limits.maxUnreadBytes);
    this.incomplete = new IncompleteMessages(this.limits.maxIncompleteBytes);
    this.turn = new TurnBudget(this.limits.maxMessagesPerTurn, this);
    this.session = new Http2Session("server", this.limits, this.platform.now());
    this.#upkeep = options.upkeep && new ServerUpkeep(options.upkeep, this, this.platform);
    this.driver = new SessionDriver(this.session, stream, this.platform, this, this.limits);
    this.driver.schedule();
  }

  // ---- ServerTransport

  get activeCalls(): number {
    return this.#streams.size;
  }

  report(): ConnectionReport {
    const { peer, session } = this;
    const { available, held, owed } = session.receiveWindow;
    return {
      id: this.id,
      peer,
      local: this.#stream.local,
      activeCalls: this.#streams.size,
      waitingCalls: this.#waiting?.size ?? 0,
      retainedHeaderBytes: session.retainedHeaderBytes,
      incompleteBytes: this.incomplete.total,
      unreadBytes: this.unread.total,
      receiveWindow: { available, held, owed },
      counters: { ...session.counters },
      traffic: this.traffic.report(this.platform, {
        streamsStarted: session.counters.streamsOpened,
        openStreams: this.#streams.size,
        messagesReceived: this.turn.taken,
        keepalivesSent: this.#upkeep?.keepalivesSent ?? 0,
        sendWindow: session.sendWindow,
        receiveWindow: available,
      }),
    };
  }

  drain(): void {
    this.#upkeep?.onDrain();
    this.session.drain(this.platform.now());
    this.driver.schedule();
  }

  close(): void {
    this.end("the server is closed");
  }

  refuse(reason: string, isFault: boolean): void {
    this.driver.hurry();
    this.#isBlameless = !isFault;
    this.session.close(ErrorCode.INADEQUATE_SECURITY, reason);
    this.driver.schedule();
  }

  // ---- UpkeepOwner

  end(message: string): void {
    this.driver.hurry();
    if (this.session.closed) return;
    for (const stream of this.#streams.values()) stream.abort({ code: StatusCode.UNAVAILABLE, message });
    this.session.close(ErrorCode.NO_ERROR, message);
    this.driver.schedule();
  }

  // ---- ServerConnection

  get served(): ServedMethods {
    this.#served ??= new ServedMethods(this);
    return this.#served;
  }

  responseHeaders(contentSubtype: string, compressed: boolean): HeaderBlock {
    return this.#headers.get(contentSubtype, compressed);
  }

  answer(id: StreamId, headers: HeaderBlock): void {
    this.session.sendHeaders(id, headers, true);
    this.session.resetBehindQueue(id, ErrorCode.NO_ERROR);
  }

  schedule(): void {
    this.driver.schedule();
  }

  forget(stream: ConnectionCall): void {
    this.#streams.delete(stream.id);
    if (this.#streams.size === 0) this.#upkeep?.onIdle();
    this.#waiting?.delete(stream as ServerStream);
  }

  freeSlot(): void {
    this.#usedSlots -= 1;
    if (this.#hasWaiting) this.schedule();
  }

  // ---- SessionOwner

  onTurnStart(): void {
    this.turn.renew();
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    for (const stream of waiting) {
      if (!this.#hasSlot) return;
      waiting.delete(stream);
      this.#start(stream);
    }
  }

  onEvent(event: SessionEvent): void {
    switch (event.type) {
      case "headers":
        this.#onHeaders(event);
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
        this.#streams.get(event.streamId)?.onWireWritable();
        return;
      case "settings":
      case "goAway":
      case "pong":
        return;
      case "closed":
        if (isFault(event) && !this.#isBlameless) this.#listener.onFault();
        this.#abandonCalls(event.message);
        return;
    }
  }

  onBatchEnd(): void {
    this.#upkeep?.onBatch();
    const starting = this.#starting;
    if (starting === undefined) return;
    this.#starting = undefined;
    // Their end comes with the event that tells of it.
    if (this.session.closed) return;
    for (const stream of starting) {
      if (stream.hasEnded) continue;
      if (!this.#hasWaiting && this.#hasSlot) {
        this.#start(stream);
      } else {
        this.#waiting ??= new Set();
        this.#waiting.add(stream);
        stream.wait();
      }
    }
  }

  onTurnEnd(): void {
    this.traffic.onTurn(this.session.counters.streamsOpened, this.turn.taken, this.session.toldTime);
    if (!this.session.drained || this.session.closed) return;
    if (this.session.openStreams === 0 && this.#streams.size === 0) {
      this.session.close(ErrorCode.NO_ERROR, "the connection was drained");
      this.driver.schedule();
    } else if (this.#upkeep?.onDrained()) {
      this.driver.schedule();
    }
  }

  nextTimeout(): Millis {
    return this.#upkeep?.nextTimeout() ?? Number.POSITIVE_INFINITY;
  }

  onTimeout(now: Millis): void {
    this.#upkeep?.onTimeout(now);
  }

  onRest(): void {
    this.#streams.rest();
    this.#served = undefined;
    if (!this.#hasWaiting) this.#waiting = undefined;
  }

  onClosed(reason: string, fault: Error | undefined): void {
    this.#abandonCalls(reason);
    this.#listener.onClosed(reason, fault);
  }

  get acceptEncoding(): string {
    return this.#headers.acceptEncoding;
  }

  get #hasWaiting(): boolean {
    return this.#waiting !== undefined && this.#waiting.size > 0;
  }

  get #hasSlot(): boolean {
    return this.#usedSlots < this.limits.maxConcurrentStreams;
  }

  #start(stream: ServerStream): void {
    this.#usedSlots += 1;
    stream.start();
  }

  #abandonCalls(reason: string): void {
    for (const stream of this.#streams.values()) stream.onClosed(reason);
  }

  #onHeaders(event: SessionEvent & { type: "headers" }): void {
    const known = this.#streams.get(event.streamId);
    if (known !== undefined) {
      known.onTrailers();
      return;
    }
    // Trailers of a call that has ended here while its last message was still on its way out.
    if (event.streamId <= this.#lastStreamId) return;
    this.#lastStreamId = event.streamId;
    const stream = new ServerStream(this, event.streamId, event.headers, event.endStream);
    this.#streams.add(stream);
    this.#upkeep?.onBusy();
    this.#starting ??= [];
    this.#starting.push(stream);
  }
}

const headersOfOptions = new WeakMap<ServerTransportOptions, ResponseHeaderBlocks>();

/** The connections of a server have their options in common. */
function headersFor(options: ServerTransportOptions): ResponseHeaderBlocks {
  const known = headersOfOptions.get(options);
  if (known !== undefined) return known;
  const headers = new ResponseHeaderBlocks(options.platform.compressor, options.compression);
  headersOfOptions.set(options, headers);
  return headers;
}

/** A transport over a byte stream that was just accepted. Its sink belongs to the stream. */
export function createServerTransport(
  stream: ByteStream,
  options: ServerTransportOptions,
  dispatcher: CallDispatcher,
  listener: ServerTransportListener,
): { readonly transport: ServerTransport; readonly sink: ByteStreamSink } {
  const transport = new Http2ServerTransport(stream, options, dispatcher, listener);
  return { transport, sink: transport.driver };
}
