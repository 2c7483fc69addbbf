import type { ByteStream, ByteStreamSink, Millis, Peer, Platform } from "../base/platform.js";
import { MethodCodecTable } from "../codec/method-codecs.js";
import type { HeaderBlock } from "../hpack/header-block.js";
import { ErrorCode, errorCodeName } from "../http2/error-code.js";
import { Http2Session } from "../http2/session.js";
import type { SessionEvent, StreamId } from "../http2/session-event.js";
import { StreamTable } from "../http2/stream/stream-table.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../rpc/invoker.js";
import { defaultMessageFormat, type MessageFormat, messageFormats } from "../rpc/message-format.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { createRequestPrefix, encodeRequest } from "../wire/request-headers.js";
import type { ClientConnection } from "./client-connection.js";
import { ClientStream } from "./client-stream.js";
import { endedStream } from "./ended-stream.js";
import { IncompleteMessages } from "./incomplete-messages.js";
import type { ReceiverOptions } from "./message-receiver.js";
import type { SenderOptions } from "./message-sender.js";
import { SessionDriver, type SessionOwner } from "./session-driver.js";
import type { ClientTransport, ClientTransportListener } from "./transport.js";
import type { TransportLimits } from "./transport-limits.js";
import { TurnBudget } from "./turn-budget.js";
import { UnreadBytes } from "./unread-bytes.js";

export interface ClientTransportOptions {
  readonly platform: Platform;
  /** Default value of `:authority`. */
  readonly authority: string;
  readonly scheme: "http" | "https";
  readonly userAgent: string;
  readonly limits: TransportLimits;
  /** Of calls that name none. Default proto. */
  readonly messageFormat?: MessageFormat | undefined;
  readonly codecs?: MethodCodecTable | undefined;
}

/** Methods whose header blocks a connection keeps. Bounded for programs that make their descriptors as they go. */
const maxKeptMethods = 1000;

/** What is the same in all calls of one method on a connection. */
interface PreparedMethod {
  readonly authority: string;
  readonly encoding: string;
  readonly format: MessageFormat;
  readonly prefix: HeaderBlock;
  readonly sending: SenderOptions;
  readonly receiving: ReceiverOptions;
}

class Http2ClientTransport implements ClientTransport, ClientConnection, SessionOwner {
  readonly session: Http2Session;
  readonly platform: Platform;
  readonly peer: Peer;
  readonly driver: SessionDriver;

  readonly #stream: ByteStream;
  readonly #options: ClientTransportOptions;
  readonly #listener: ClientTransportListener;
  readonly #streams = new StreamTable<ClientStream>();
  readonly #unread: UnreadBytes;
  readonly #incomplete: IncompleteMessages;
  readonly #turn: TurnBudget;
  readonly #methods = new Map<MethodDescriptor, PreparedMethod>();
  readonly #codecs: MethodCodecTable;
  #ready = false;
  #draining = false;
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
    this.#unread = new UnreadBytes(limits.maxUnreadBytes);
    this.#codecs = options.codecs ?? new MethodCodecTable();
    this.#incomplete = new IncompleteMessages(limits.maxIncompleteBytes);
    this.#turn = new TurnBudget(limits.maxMessagesPerTurn, () => this.schedule());
    this.session = new Http2Session("client", limits, this.platform.now());
    this.driver = new SessionDriver(this.session, stream, this.platform, this, limits);
    this.driver.schedule();
  }

  // ---- ClientTransport

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    const method = this.#prepare(headers, options);
    if (typeof method === "string") {
      return endedStream(sink, { code: StatusCode.INTERNAL, message: method, delivery: "not-sent" });
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
    const stream = new ClientStream(this, id, sink, method.sending, method.receiving);
    this.#streams.add(stream);
    this.driver.schedule();
    return stream;
  }

  streamSlots(): number {
    const slots = this.#closing === undefined ? this.session.streamSlots() : 0;
    if (slots === 0) this.#hadNoSlot = true;
    return slots;
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
    for (const stream of this.#streams.values()) stream.cancel(status);
    this.session.close(ErrorCode.NO_ERROR, status.message);
    this.driver.schedule();
  }

  get #encodings(): readonly string[] {
    return this.platform.compressor.encodings;
  }

  // ---- ClientConnection

  schedule(): void {
    this.driver.schedule();
  }

  forget(id: StreamId): void {
    this.#streams.delete(id);
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
        this.#onSettings();
        return;
      case "goAway":
        this.#onGoAway(event);
        return;
      case "pong":
        return;
      case "closed":
        this.#onSessionClosed(event.message);
        return;
    }
  }

  onBatchEnd(): void {
    if (this.#hadNoSlot && this.session.streamSlots() > 0) {
      this.#hadNoSlot = false;
      this.#listener.onSlots();
    }
  }

  onTurnEnd(): void {
    const active = this.#streams.size > 0 || !this.#ready;
    if (active !== this.#holdsProcess) {
      this.#holdsProcess = active;
      this.#stream.keepAlive(active);
    }
    if (this.session.idsUsedUp) this.#tellDraining("all stream ids of the connection are used");
    if (!this.session.closed && this.session.openStreams === 0 && (this.session.drained || this.#draining)) {
      this.session.close(ErrorCode.NO_ERROR, "the connection was drained");
      this.driver.schedule();
    }
    this.onBatchEnd();
  }

  nextTimeout(): Millis {
    return Number.POSITIVE_INFINITY;
  }

  onTimeout(): void {
    // It has none.
  }

  onClosed(reason: string): void {
    this.#loseCalls(reason);
    this.#listener.onClosed(reason);
  }

  /** The byte stream may take its time to close: whoever waits for an answer, or for a connection, need not. */
  #onSessionClosed(reason: string): void {
    if (this.#closing === undefined) this.#tellDraining(reason);
    this.#loseCalls(reason);
  }

  #loseCalls(reason: string): void {
    // Calls whose answer is complete go on: their messages may wait for turns, and the driver has none behind its end.
    this.#turn.outlive(() => this.platform.scheduleTurn(() => this.#turn.renew()));
    for (const stream of this.#streams.values()) stream.onClosed(reason);
  }

  #onSettings(): void {
    if (this.#ready) return;
    this.#ready = true;
    this.#listener.onReady();
  }

  #onGoAway(event: SessionEvent & { type: "goAway" }): void {
    const debug = event.debug === "" ? "" : `: ${event.debug}`;
    this.#tellDraining(`the server is going away (${errorCodeName(event.code)})${debug}`);
  }

  #tellDraining(reason: string): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#listener.onDraining(reason);
  }

  /**
   * What was prepared for the method last, unless this call differs from that one in more than its tail. A string says
   * which of the call's options is not known.
   */
  #prepare(headers: RequestHeaders, options: CallOptions): PreparedMethod | string {
    const { limits } = this.#options;
    const kept = this.#methods.get(headers.method);
    const authority = headers.authority ?? this.#options.authority;
    const encoding = options.compression ?? "identity";
    const format = options.messageFormat ?? this.#options.messageFormat ?? defaultMessageFormat;
    const maxRequestBytes = options.maxRequestBytes ?? limits.maxSendMessageBytes;
    const maxResponseBytes = options.maxResponseBytes ?? limits.maxReceiveMessageBytes;
    if (
      kept !== undefined &&
      kept.authority === authority &&
      kept.encoding === encoding &&
      kept.format === format &&
      kept.sending.maxMessageBytes === maxRequestBytes &&
      kept.receiving.maxMessageBytes === maxResponseBytes
    ) {
      return kept;
    }
    if (encoding !== "identity" && !this.#encodings.includes(encoding)) {
      return `compression ${JSON.stringify(encoding)} is not known, expected identity, ${this.#encodings.join(" or ")}`;
    }
    if (!this.#codecs.has(format)) {
      return `messageFormat ${JSON.stringify(format)} is not known, expected ${messageFormats.join(" or ")}`;
    }
    const prepared = this.#prepareAnew(headers.method, {
      authority,
      encoding,
      format,
      maxRequestBytes,
      maxResponseBytes,
    });
    if (kept !== undefined || this.#methods.size < maxKeptMethods) this.#methods.set(headers.method, prepared);
    return prepared;
  }

  #prepareAnew(
    method: MethodDescriptor,
    call: Pick<PreparedMethod, "authority" | "encoding" | "format"> & {
      readonly maxRequestBytes: number;
      readonly maxResponseBytes: number;
    },
  ): PreparedMethod {
    const { authority, encoding, format } = call;
    const codecs = this.#codecs.codecsOf(method, format);
    const { scheme, userAgent } = this.#options;
    const { compressor } = this.platform;
    const acceptEncoding = compressor.encodings.join(",");
    return {
      authority,
      encoding,
      format,
      prefix: createRequestPrefix({
        path: method.path,
        scheme,
        authority,
        userAgent,
        contentSubtype: format,
        acceptEncoding,
      }),
      sending: {
        codec: codecs.requestCodec,
        what: "request",
        maxMessageBytes: call.maxRequestBytes,
        compression: encoding === "identity" ? undefined : { encoding, compressor },
      },
      receiving: {
        codec: codecs.responseCodec,
        what: "response",
        maxMessageBytes: call.maxResponseBytes,
        compressor,
        unread: this.#unread,
        incomplete: this.#incomplete,
        turn: this.#turn,
      },
    };
  }
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
