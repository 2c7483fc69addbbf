import { clone, type DescMessage, type Message } from "@bufbuild/protobuf";
import { Deque } from "../../base/deque.js";
import type { Millis, Peer, Platform, Timer } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { noCallOptions } from "../../rpc/call-options.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../../rpc/invoker.js";
import { Metadata } from "../../rpc/metadata.js";
import type { MethodDescriptor } from "../../rpc/method-descriptor.js";
import type { ServerCallStats } from "../../rpc/stats/server-call-stats.js";
import type { Stats } from "../../rpc/stats/stats.js";
import { OK, type Status } from "../../rpc/status.js";
import { StatusCode } from "../../rpc/status-code.js";

/** Requests that may wait for the server; at the first half the client may go on. */
const requestsAhead = 16;
/** What one call may deliver in one turn, so that two that never tire leave room for the rest of the process. */
const deliveriesPerTurn = 64;

type Delivery =
  | { readonly kind: "headers"; readonly metadata: Metadata }
  | { readonly kind: "message"; readonly message: unknown }
  | { readonly kind: "status"; readonly status: Status };

/** What calls of one InProcessInvoker share. */
export interface InProcessCallOwner {
  readonly platform: Platform;
  /** Interceptors and handlers of the server. */
  readonly server: Invoker;
  readonly peer: Peer;
  /** Undefined where nobody listens. */
  readonly stats: Stats | undefined;
  onCallEnd(call: InProcessCall, status: Status): void;
}

const cancelledByClient: Status = Object.freeze({
  code: StatusCode.CANCELLED,
  message: "the client cancelled the call",
});

/**
 * One call between two halves of a process: RequestStream to the client, ResponseSink to the server. Whatever crosses is
 * copied and crosses in a turn of its own, as over a wire: neither side is called from within the other's call.
 */
export class InProcessCall implements RequestStream, ResponseSink {
  /** It is among the server's calls. */
  isCounted = false;
  readonly #owner: InProcessCallOwner;
  readonly #headers: RequestHeaders;
  /** The server's descriptor of the method; undefined when it has none. */
  readonly #method: MethodDescriptor | undefined;
  readonly #sink: ResponseSink;
  readonly #requests = new Deque<NonNullable<unknown>>();
  readonly #deliveries = new Deque<Delivery>();
  #server: RequestStream | undefined;
  /** Half-closed by the client; and whether the server knows. */
  #isFinished = false;
  #isFinishTold = false;
  #pulled = 0;
  /** What the server is to be told of the client's leaving. */
  #cancelStatus: Status | undefined;
  /** The server's `send` returned false. */
  #isServerBlocked = false;
  /** Our `send` returned false. */
  #isClientBlocked = false;
  /** How the call ends is known: nothing more is taken from either side. */
  #isOver = false;
  /** The client has the response's headers. */
  #areHeadersTold = false;
  #isScheduled = false;
  #timer: Timer | undefined;
  /** Undefined where nobody listens. */
  #stats: ServerCallStats | undefined;

  constructor(
    owner: InProcessCallOwner,
    headers: RequestHeaders,
    method: MethodDescriptor | undefined,
    sink: ResponseSink,
  ) {
    this.#owner = owner;
    this.#headers = headers;
    this.#method = method;
    this.#sink = sink;
  }

  /** Begins; the server hears of it next turn. */
  start(): void {
    const { deadline, method } = this.#headers;
    if (deadline !== Number.POSITIVE_INFINITY) {
      const { platform } = this.#owner;
      const timeoutMs: Millis = Math.max(0, Math.round(deadline - platform.now()));
      const message = `${method.path} was not answered by ${this.#owner.peer.address} within ${timeoutMs} ms`;
      this.#timer = platform.setTimer(deadline, () => this.cancel({ code: StatusCode.DEADLINE_EXCEEDED, message }));
    }
    this.#schedule();
  }

  // RequestStream: the client's side.

  send(message: unknown, last: boolean): boolean {
    // The client hears of the end in a turn of its own: a source without an end would be read until then.
    if (this.#isOver) return false;
    if (this.#isFinished) return true;
    const copy = this.#copy(this.#headers.method.desc.input, message);
    if (copy === undefined) return false;
    this.#requests.push(copy);
    this.#headers.attemptStats?.onMessageSent(0, 0);
    if (last) this.#isFinished = true;
    this.#schedule();
    if (this.#requests.length >= requestsAhead) this.#isClientBlocked = true;
    return !this.#isClientBlocked;
  }

  finish(): void {
    if (this.#isOver) return;
    this.#isFinished = true;
    this.#schedule();
  }

  pull(count: number): void {
    if (this.#isOver) return;
    this.#pulled += count;
    this.#schedule();
  }

  cancel(status: Status): void {
    this.#abort(status, cancelledByClient);
  }

  /** The server gives the call up. */
  abort(status: Status): void {
    this.#abort(status, status);
  }

  // ResponseSink: the server's side.

  onHeaders(metadata: Metadata): void {
    if (this.#isOver) return;
    this.#deliveries.push({ kind: "headers", metadata: new Metadata(metadata) });
    this.#schedule();
  }

  onMessage(message: unknown): void {
    if (this.#isOver || this.#method === undefined) return;
    const copy = this.#copy(this.#method.desc.output, message);
    if (copy === undefined) return;
    this.#stats?.onMessageSent(0, 0);
    this.#deliveries.push({ kind: "message", message: copy });
    this.#schedule();
  }

  onStatus(status: Status): void {
    this.#stats?.onEnd(status);
    if (!this.#isOver) this.#close(received(status, this.#owner.peer));
  }

  onWritable(): void {
    this.#isServerBlocked = false;
    this.#schedule();
  }

  #abort(toClient: Status, toServer: Status): void {
    if (this.#isOver) return;
    this.#deliveries.clear();
    this.#close({ ...toClient, delivery: toClient.delivery ?? this.#delivery(), peer: this.#owner.peer });
    this.#cancelStatus = toServer;
  }

  /** What the client can know of the server's doing, as over a wire. */
  #delivery(): NonNullable<Status["delivery"]> {
    if (this.#areHeadersTold) return "processed";
    return this.#server === undefined ? "not-sent" : "unknown";
  }

  /** The status goes to the client behind what was delivered before. */
  #close(status: Status): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#requests.clear();
    this.#deliveries.push({ kind: "status", status });
    this.#schedule();
  }

  #copy(schema: DescMessage, message: unknown): NonNullable<unknown> | undefined {
    try {
      return clone(schema, message as Message);
    } catch (cause) {
      const text = textOfThrown(cause);
      const failure = `a message of ${this.#headers.method.path} is no ${schema.typeName}: ${text}`;
      this.cancel({ code: StatusCode.INTERNAL, message: failure, cause });
      return undefined;
    }
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#owner.platform.scheduleTurn(this.#turn);
  }

  readonly #turn = (): void => {
    // Still set while we deliver: what is commanded meanwhile is seen by this loop.
    if (this.#server === undefined && !this.#isOver) this.#invoke();
    for (let count = 0; count < deliveriesPerTurn; count++) {
      if (this.#tellServer() || this.#tellClient()) continue;
      this.#isScheduled = false;
      return;
    }
    this.#isScheduled = false;
    this.#schedule();
  };

  #invoke(): void {
    const { method, metadata, deadline, previousAttempts = 0 } = this.#headers;
    const copied = new Metadata(metadata);
    const { peer, stats } = this.#owner;
    if (stats?.hearsServerCalls === true) {
      this.#stats = stats.startServerCall({
        method: this.#method,
        path: method.path,
        metadata: copied,
        peer,
        connection: undefined,
      });
    }
    const headers: RequestHeaders = {
      method: this.#method ?? method,
      metadata: copied,
      deadline,
      peer,
      previousAttempts,
      serverStats: this.#stats,
    };
    this.#server = this.#owner.server.invoke(headers, noCallOptions, this);
  }

  /** Whether there was something to tell. */
  #tellServer(): boolean {
    const server = this.#server;
    if (server === undefined) return false;
    if (this.#cancelStatus !== undefined) {
      const status = this.#cancelStatus;
      this.#cancelStatus = undefined;
      this.#stats?.onEnd(status);
      server.cancel(status);
      return true;
    }
    if (this.#isOver) return false;
    if (this.#pulled > 0) {
      const count = this.#pulled;
      this.#pulled = 0;
      server.pull(count);
      return true;
    }
    return this.#sendRequest(server);
  }

  #sendRequest(server: RequestStream): boolean {
    if (this.#isFinishTold || this.#isServerBlocked) return false;
    const request = this.#requests.shift();
    const isLast = this.#isFinished && this.#requests.length === 0;
    if (isLast) this.#isFinishTold = true;
    if (request === undefined) {
      if (isLast) server.finish();
      return isLast;
    }
    this.#stats?.onMessageReceived(0, 0);
    this.#isServerBlocked = !server.send(request, isLast);
    if (this.#isClientBlocked && !this.#isOver && this.#requests.length <= requestsAhead / 2) {
      this.#isClientBlocked = false;
      this.#sink.onWritable();
    }
    return true;
  }

  #tellClient(): boolean {
    const delivery = this.#deliveries.shift();
    if (delivery === undefined) return false;
    switch (delivery.kind) {
      case "headers":
        this.#areHeadersTold = true;
        this.#sink.onHeaders(delivery.metadata, this.#owner.peer);
        break;
      case "message":
        this.#headers.attemptStats?.onMessageReceived(0, 0);
        this.#sink.onMessage(delivery.message);
        break;
      case "status":
        this.#sink.onStatus(delivery.status);
        this.#owner.onCallEnd(this, delivery.status);
        break;
    }
    return true;
  }
}

/** What of a server's status crosses a wire. */
function received(status: Status, peer: Peer): Status {
  const trailers = new Metadata(status.trailers);
  if (status.code === StatusCode.OK) return { ...OK, trailers, delivery: "processed" };
  return {
    code: status.code,
    message: status.message,
    trailers,
    delivery: "processed",
    peer,
    ...(status.details !== undefined && { details: status.details }),
    ...(status.retryPushbackMs !== undefined && { retryPushbackMs: status.retryPushbackMs }),
  };
}
