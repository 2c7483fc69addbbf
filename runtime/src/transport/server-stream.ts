import type { Millis } from "../base/platform.js";
import { flatFields, type HeaderBlock } from "../hpack/header-block.js";
import type { SessionEvent, StreamId } from "../http2/session-event.js";
import { noCallOptions } from "../rpc/call-options.js";
import type { HandlerSlot, HttpFields, RequestStream, ResponseSink } from "../rpc/invoker.js";
import { defaultMessageFormat, type MessageFormat } from "../rpc/message-format.js";
import { Metadata } from "../rpc/metadata.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { ServerCallStats } from "../rpc/stats/server-call-stats.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { type GrpcRequest, parseRequest } from "../wire/parse-request.js";
import { encodeResponse } from "../wire/response-headers.js";
import { statusOfReset } from "../wire/rst-stream-status.js";
import { encodeRefusal, encodeTrailers, encodeTrailersOnly } from "../wire/trailers.js";
import { HeldData } from "./held-data.js";
import { MessageReceiver, type ReceiverOwner } from "./message/message-receiver.js";
import { MessageSender, type SenderOwner } from "./message/message-sender.js";
import type { ConnectionCall, ServerConnection } from "./server-connection.js";
import { tooEarly, tooLargeList } from "./server-status.js";
import { unsupported } from "./unsupported-request.js";

/**
 * One call on a connection from a client: gives the request to the dispatcher and is itself the sink of the response.
 * The handler starts with `start`, at the end of a batch of events or when there is a slot for it, so that a call that
 * was reset before never runs.
 */
export class ServerStream implements ConnectionCall, ResponseSink, SenderOwner, ReceiverOwner, HandlerSlot, HttpFields {
  readonly id: StreamId;
  readonly #connection: ServerConnection;
  readonly #headers: HeaderBlock;
  #receiver: MessageReceiver | undefined;
  #sender: MessageSender | undefined;
  /** The request's way to the handler; undefined until invoke has returned. */
  #inbound: RequestStream | undefined;
  /** When the call came: its deadline counts from here, however long it waits for a slot. */
  readonly #receivedAt: Millis;
  /** DATA that came before start. */
  #held: HeldData | undefined;
  /** Of the request, and so of the answer. */
  #format: MessageFormat = defaultMessageFormat;
  #requestEnded: boolean;
  /** Whether the handler knows that the request has ended. */
  #finished = false;
  #compressing = false;
  /** One of its connection's: from the start of the call to its end, and as long as its handler runs. */
  #holdsSlot = false;
  #headersSent = false;
  /** The handler has said how the call ends, or cannot any more. */
  #ended = false;
  /** The connection has forgotten it: what it had to say has left, or never will. */
  #left = false;
  /** Messages that may be pulled once the wire takes more. */
  #owedPulls = 0;
  #isHandlerRunning = false;
  /** Undefined where nobody listens. */
  #stats: ServerCallStats | undefined;
  /** Since when sending waits; only kept where somebody listens. */
  #stalledAt: Millis | undefined;
  /** Its method was found: it is counted. */
  #isCounted = false;

  constructor(connection: ServerConnection, id: StreamId, headers: HeaderBlock, endStream: boolean) {
    this.#receivedAt = connection.session.toldTime;
    this.id = id;
    this.#connection = connection;
    this.#headers = headers;
    this.#requestEnded = endStream;
  }

  // ---- from the connection

  get hasEnded(): boolean {
    return this.#ended;
  }

  /** Takes a slot, and starts the handler unless the request is not one. */
  start(): void {
    this.#holdsSlot = true;
    const request = parseRequest(this.#headers);
    if (request.kind === "refused") {
      this.#refuse(encodeRefusal(request.httpStatus, request.status), request.status);
      return;
    }
    const { dispatcher, acceptEncoding, codecs, platform } = this.#connection;
    const { contentSubtype } = request;
    const method = dispatcher.findMethod(request.path);
    const { stats } = dispatcher;
    if (stats?.hearsServerCalls === true) {
      const { path, metadata } = request;
      const { id: connection, peer } = this.#connection;
      this.#stats = stats.startServerCall({ method, path, metadata, peer, connection });
    }
    if (codecs.has(contentSubtype)) this.#format = contentSubtype;
    const refusal = unsupported(request, codecs, platform.compressor.encodings);
    if (refusal !== undefined) {
      this.#refuse(encodeTrailersOnly(refusal, this.#format, acceptEncoding), refusal);
      return;
    }
    if (method === undefined) {
      const unknown = { code: StatusCode.UNIMPLEMENTED, message: dispatcher.unimplementedMessage(request.path) };
      this.#refuse(encodeTrailersOnly(unknown, this.#format), unknown);
      return;
    }
    if (request.isEarlyData && method.idempotency !== "NO_SIDE_EFFECTS") {
      const early = tooEarly(method);
      this.#refuse(encodeTrailersOnly(early, this.#format), early);
      return;
    }
    this.#dispatch(method, request);
  }

  onData(event: SessionEvent & { type: "data" }): void {
    if (event.endStream) this.#requestEnded = true;
    if (this.#receiver !== undefined) this.#receiver.receive(event.bytes, event.start, event.end, event.endStream);
    else if (this.#ended) this.#connection.session.releaseWindow(this.id, event.end - event.start);
    else this.#hold(event);
  }

  /** The call is to wait for a slot: what has come must not keep whole chunks alive (CVE-2026-84304). */
  wait(): void {
    this.#held?.settle();
  }

  /** Trailers of a request: gRPC gives them no meaning but the end. */
  onTrailers(): void {
    this.#requestEnded = true;
    this.#receiver?.end();
  }

  onReset(event: SessionEvent & { type: "reset" }): void {
    this.#abandon(
      event.initiator === "remote"
        ? { code: StatusCode.CANCELLED, message: `the client cancelled the call: ${event.message}` }
        : statusOfReset(event.code, event.initiator, event.message),
    );
  }

  onWireWritable(): void {
    this.#sender?.onWritable();
  }

  /** The connection is gone. */
  onClosed(reason: string): void {
    this.#abandon({ code: StatusCode.CANCELLED, message: `the connection to the client was lost: ${reason}` });
  }

  /** The server gives the call up: the client is answered with `status`. */
  abort(status: Status): void {
    if (this.#ended) return;
    this.#inbound?.cancel(status);
    this.onStatus(status);
  }

  // ---- ResponseSink: what the handler says

  onHeaders(metadata: Metadata): void {
    if (this.#ended || this.#headersSent) return;
    const block = encodeResponse(this.#connection.responseHeaders(this.#format, this.#compressing), metadata);
    const { maxSendHeaderListBytes } = this.#connection.session;
    if (metadata.size > 0 && block.listBytes > maxSendHeaderListBytes) {
      this.abort(tooLargeList("headers", block.listBytes, maxSendHeaderListBytes));
      return;
    }
    this.#headersSent = true;
    this.#connection.session.sendHeaders(this.id, block, false);
    this.#connection.schedule();
  }

  onMessage(message: unknown): void {
    if (this.#ended || this.#sender === undefined) return;
    if (!this.#headersSent) this.onHeaders(new Metadata());
    if (this.#ended) return;
    const writable = this.#sender.send(message, false);
    if (!writable && this.#stats !== undefined) this.#stalledAt ??= this.#connection.platform.now();
    this.#connection.schedule();
    if (writable && this.#inbound !== undefined) this.#inbound.pull(1);
    else this.#owedPulls += 1;
  }

  onStatus(status: Status): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stats?.onEnd(status);
    if (this.#isCounted) this.#connection.dispatcher.calls.onEnd(status.code === StatusCode.OK);
    const block = this.#encodeEnd(status);
    if (this.#headersSent && this.#sender !== undefined) this.#sender.finishWith(block);
    else this.#connection.answer(this.id, block);
    this.#receiver?.stop();
    // What is still being compressed must be given up if the client leaves before.
    if (this.#sender?.isWorking !== true) this.#leave();
  }

  /** The handler takes requests again. */
  onWritable(): void {
    this.#receiver?.pull(Number.POSITIVE_INFINITY);
    this.#connection.schedule();
  }

  // ---- HttpFields

  httpField(name: string): string | undefined {
    const fields = flatFields(this.#headers);
    const values = fields.filter((_value, i) => i % 2 === 1 && fields[i - 1] === name);
    return values.length === 0 ? undefined : values.join(",");
  }

  // ---- HandlerSlot

  onHandlerStart(): void {
    if (!this.#ended) this.#isHandlerRunning = true;
  }

  onHandlerEnd(): void {
    if (!this.#isHandlerRunning) return;
    this.#isHandlerRunning = false;
    this.#giveSlotBack();
  }

  /** Behind the end of both call and handler, whichever is later; once, though each may lead to the other. */
  #giveSlotBack(): void {
    if (!this.#holdsSlot || !this.#left || this.#isHandlerRunning) return;
    this.#holdsSlot = false;
    this.#connection.freeSlot();
  }

  // ---- SenderOwner, ReceiverOwner

  onSendFailed(status: Status): void {
    // When the handler has ended its trailers wait behind the message that failed: these go in their place.
    if (this.#ended) this.#sender?.finishWith(this.#encodeEnd(status));
    else this.abort(status);
    this.#sender?.stop();
    this.#leave();
  }

  onSendReady(): void {
    this.#tellStall();
    const owed = this.#owedPulls;
    this.#owedPulls = 0;
    if (owed > 0 && !this.#ended) this.#inbound?.pull(owed);
  }

  onOutput(): void {
    if (this.#ended && this.#sender?.isWorking !== true) this.#leave();
    this.#connection.schedule();
  }

  onSent(bytes: number, wireBytes: number): void {
    this.#connection.traffic.messagesSent += 1;
    this.#stats?.onMessageSent(bytes, wireBytes);
  }

  onReceived(message: unknown, bytes: number, wireBytes: number): void {
    const receiver = this.#receiver;
    if (this.#ended || receiver === undefined || this.#inbound === undefined) return;
    this.#stats?.onMessageReceived(bytes, wireBytes);
    const last = receiver.exhausted;
    if (last) this.#finished = true;
    if (!this.#inbound.send(message, last)) receiver.hold();
  }

  onReceiveFailed(status: Status): void {
    this.abort(status);
  }

  onReceiveEnd(error: Status | undefined): void {
    if (error !== undefined) {
      this.abort(error);
      return;
    }
    if (this.#finished) return;
    this.#finished = true;
    this.#inbound?.finish();
  }

  // ----

  #dispatch(method: MethodDescriptor, request: GrpcRequest): void {
    const { session, peer, dispatcher, compression } = this.#connection;
    this.#compressing = compression !== undefined && request.acceptEncodings.includes(compression);
    const { sending, receiving } = this.#connection.served.of(method, this.#format, this.#compressing);
    this.#sender = new MessageSender(session, this.id, this, sending);
    const receiver = new MessageReceiver(session, this.id, this, receiving);
    receiver.encoding = request.encoding;
    const deadline =
      request.timeoutMs === Number.POSITIVE_INFINITY ? request.timeoutMs : this.#receivedAt + request.timeoutMs;
    const { metadata, authority, previousAttempts } = request;
    this.#isCounted = true;
    dispatcher.calls.onStart(this.#receivedAt);
    const serverStats = this.#stats;
    const headers = {
      method,
      metadata,
      deadline,
      authority,
      peer,
      previousAttempts,
      slot: this,
      fields: this,
      serverStats,
    };
    this.#inbound = dispatcher.invoker.invoke(headers, noCallOptions, this);
    if (this.#ended) {
      // Given up while it started: nobody could tell the handler then. A call that ended by itself ignores it.
      this.#inbound.cancel({ code: StatusCode.CANCELLED, message: "the call ended while its handler started" });
      return;
    }
    this.#receiver = receiver;
    this.#inbound.pull(1 + this.#owedPulls);
    this.#owedPulls = 0;
    if (this.#inbound.isHeld !== true) receiver.pull(Number.POSITIVE_INFINITY);
    this.#held?.giveTo(receiver);
    this.#held = undefined;
    if (this.#requestEnded) receiver.end();
  }

  #hold({ bytes, start, end }: SessionEvent & { type: "data" }): void {
    this.#held ??= new HeldData(this.#connection, this.id);
    this.#held.add(bytes, start, end);
  }

  /** A list above the client's limit would cost it the connection, and all its other calls with it (RFC 9113 §10.5.1). */
  #encodeEnd(status: Status): HeaderBlock {
    const block = this.#encodeStatus(status);
    const limit = this.#connection.session.maxSendHeaderListBytes;
    if (block.listBytes <= limit) return block;
    const told = this.#encodeStatus(tooLargeList("trailers", block.listBytes, limit));
    return told.listBytes <= limit ? told : this.#encodeStatus({ code: status.code, message: "" });
  }

  #encodeStatus(status: Status): HeaderBlock {
    return this.#headersSent ? encodeTrailers(status) : encodeTrailersOnly(status, this.#format);
  }

  #refuse(headers: HeaderBlock, status: Status): void {
    this.#ended = true;
    this.#stats?.onEnd(status);
    this.#connection.answer(this.id, headers);
    this.#leave();
  }

  /** The wire is gone: the handler hears of it, nothing is answered. */
  #abandon(status: Status): void {
    this.#sender?.stop();
    this.#tellStall();
    if (!this.#ended) {
      this.#ended = true;
      this.#stats?.onEnd(status);
      if (this.#isCounted) this.#connection.dispatcher.calls.onEnd(false);
      this.#inbound?.cancel(status);
    }
    this.#leave(false);
  }

  #tellStall(): void {
    if (this.#stalledAt === undefined) return;
    const waitedMs = this.#connection.platform.now() - this.#stalledAt;
    this.#stalledAt = undefined;
    this.#stats?.onSendStall(waitedMs);
  }

  #leave(isAnswered = true): void {
    if (this.#left) return;
    this.#left = true;
    if (isAnswered) this.#connection.traffic.streamsSucceeded += 1;
    this.#receiver?.stop();
    this.#held?.drop();
    this.#held = undefined;
    this.#connection.forget(this);
    this.#giveSlotBack();
    this.#connection.schedule();
  }
}
