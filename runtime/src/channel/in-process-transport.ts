import type { Connecting, Peer, Platform } from "../base/platform.js";
import type { CallOptions } from "../rpc/call-options.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../rpc/invoker.js";
import type { Metadata } from "../rpc/metadata.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { nextId } from "../telemetry/next-id.js";
import { Traffic, type TrafficReport } from "../telemetry/traffic.js";
import { findInProcessServer } from "../transport/in-process/in-process-transport.js";
import type { ClientTransport } from "../transport/transport.js";
import { refuse } from "./call/refused-call.js";
import type { ConnectionListener } from "./subchannel/connector.js";

/** "Connects" to a server of this process in the platform's next turn. */
export function connectInProcess(platform: Platform, name: string, listener: ConnectionListener): Connecting {
  let cancelled = false;
  platform.scheduleTurn(() => {
    if (cancelled) return;
    if (findInProcessServer(name) === undefined) {
      listener.onConnectError(`no server of this process listens on inproc:${name}`);
      return;
    }
    listener.onTransport(new InProcessTransport(platform, name, listener));
    listener.onReady();
  });
  return {
    cancel: () => {
      cancelled = true;
    },
  };
}

/** A server of this process as a connection, with as many calls at once as one likes. */
class InProcessTransport implements ClientTransport {
  readonly id = nextId();
  /** There is one end. */
  readonly local = undefined;
  readonly traffic = new Traffic();
  readonly peer: Peer;
  readonly #platform: Platform;
  readonly #name: string;
  readonly #listener: ConnectionListener;
  readonly #calls = new Set<InProcessCall>();
  #startedCalls = 0;
  #state: "open" | "draining" | "closed" = "open";

  constructor(platform: Platform, name: string, listener: ConnectionListener) {
    this.peer = { address: `inproc:${name}`, security: "local" };
    this.#platform = platform;
    this.#name = name;
    this.#listener = listener;
  }

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    const server = this.#state === "open" ? findInProcessServer(this.#name) : undefined;
    if (server === undefined) {
      this.#close(`the server of this process on ${this.peer.address} is gone`);
      return refuse(sink, `${this.peer.address} takes no calls`);
    }
    headers.attemptStats?.onConnection(this.id, this.peer);
    const call = new InProcessCall(sink, (status) => this.#onCallEnd(call, status));
    this.#calls.add(call);
    this.#startedCalls += 1;
    this.traffic.onTurn(this.#startedCalls, 0, this.#platform.now());
    return call.start(server, headers, options);
  }

  get activeCalls(): number {
    return this.#calls.size;
  }

  get startedCalls(): number {
    return this.#startedCalls;
  }

  /** Messages are handed over, not sent, and there are no windows. */
  reportTraffic(): TrafficReport {
    return this.traffic.report(this.#platform, {
      streamsStarted: this.#startedCalls,
      openStreams: this.#calls.size,
      messagesReceived: 0,
      keepalivesSent: 0,
      sendWindow: 0,
      receiveWindow: 0,
    });
  }

  /** Nothing gets lost on the way. */
  wake(): boolean {
    return false;
  }

  streamSlots(): number {
    return this.#state === "open" ? Number.POSITIVE_INFINITY : 0;
  }

  drain(): void {
    if (this.#state !== "open") return;
    this.#state = "draining";
    if (this.#calls.size === 0) this.#close("drained");
  }

  close(status: Status): void {
    for (const call of [...this.#calls]) call.cancel(status);
    this.#close(status.message);
  }

  #onCallEnd(call: InProcessCall, { code, delivery }: Status): void {
    this.#calls.delete(call);
    if (delivery === "processed") this.traffic.streamsSucceeded += 1;
    if (code === StatusCode.OK) this.traffic.callsSucceeded += 1;
    if (this.#state === "draining" && this.#calls.size === 0) this.#close("drained");
  }

  #close(reason: string): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#platform.scheduleTurn(() => this.#listener.onClosed(reason));
  }
}

/** Knows when its call has ended, so that the transport can end it. */
class InProcessCall implements RequestStream, ResponseSink {
  readonly #sink: ResponseSink;
  readonly #onEnd: (status: Status) => void;
  #stream: RequestStream | undefined;
  #cancelledWith: Status | undefined;
  #ended = false;

  constructor(sink: ResponseSink, onEnd: (status: Status) => void) {
    this.#sink = sink;
    this.#onEnd = onEnd;
  }

  start(server: Invoker, headers: RequestHeaders, options: CallOptions): this {
    const stream = server.invoke(headers, options, this);
    this.#stream = stream;
    if (this.#cancelledWith !== undefined) stream.cancel(this.#cancelledWith);
    return this;
  }

  send(message: unknown, last: boolean): boolean {
    return this.#stream?.send(message, last) ?? true;
  }

  finish(): void {
    this.#stream?.finish();
  }

  pull(count: number): void {
    this.#stream?.pull(count);
  }

  cancel(status: Status): void {
    if (this.#ended) return;
    if (this.#stream === undefined) this.#cancelledWith = status;
    else this.#stream.cancel(status);
  }

  onHeaders(metadata: Metadata, peer?: Peer): void {
    this.#sink.onHeaders(metadata, peer);
  }

  onMessage(message: unknown): void {
    this.#sink.onMessage(message);
  }

  onStatus(status: Status): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd(status);
    // A server that is closing is found under its name until it is gone: picking again would only find it again.
    this.#sink.onStatus(status.delivery === "not-sent" ? { ...status, delivery: "not-processed" } : status);
  }

  onWritable(): void {
    this.#sink.onWritable();
  }
}
