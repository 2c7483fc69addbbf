import { channel } from "node:diagnostics_channel";
import { hostname } from "node:os";
import { performance } from "node:perf_hooks";
import type { DnsClient } from "../base/dns-client.js";
import type { Files } from "../base/files.js";
import type { HttpRequest, HttpResponse } from "../base/http.js";
import type {
  Address,
  AsyncScope,
  Compressor,
  ConnectCallbacks,
  Connecting,
  DiagnosticsChannel,
  ListenCallbacks,
  Listener,
  Millis,
  Platform,
  Timer,
} from "../base/platform.js";
import type { ClientSecurity, ServerSecurity } from "../base/tls.js";
import { isPlainHost } from "./address-check.js";
import { createAsyncScope } from "./async-scope.js";
import { ZlibCompressor } from "./compressor.js";
import { NodeDnsClient } from "./node-dns.js";
import { nodeFetch } from "./node-fetch.js";
import { NodeFiles } from "./node-files.js";
import { nodeDns } from "./node-modules.js";
import { ProcessTimers } from "./process-timers.js";
import { connectSocket } from "./socket-connect.js";
import { listenSocket } from "./socket-listen.js";
import { lookupError } from "./system-error.js";
import { TurnQueue } from "./turn-queue.js";
import { isWellFormedUtf8 } from "./well-formed-utf8.js";

/** The world as Node shows it. */
class NodePlatform implements Platform {
  readonly compressor: Compressor = new ZlibCompressor();
  readonly files: Files = new NodeFiles();
  readonly #timers = new ProcessTimers();
  readonly #turns = new TurnQueue();

  now(): Millis {
    return performance.now();
  }

  wallClock(): Millis {
    return Date.now();
  }

  /**
   * Spreads backoffs and shuffles addresses: nobody gains by guessing it, so no randomness is taken from the system's
   * pool. Not for keys, tokens or anything else that must not be guessed.
   */
  random(): number {
    return Math.random();
  }

  setTimer(at: Millis, fn: () => void, holdsProcess = true): Timer {
    return this.#timers.set(at, fn, holdsProcess);
  }

  scheduleTurn(fn: () => void): void {
    this.#turns.schedule(fn);
  }

  connect(address: Address, security: ClientSecurity, callbacks: ConnectCallbacks): Connecting {
    return connectSocket(address, security, callbacks);
  }

  listen(address: Address, security: ServerSecurity, callbacks: ListenCallbacks): Promise<Listener> {
    return listenSocket(address, security, callbacks);
  }

  diagnosticsChannel(name: string): DiagnosticsChannel {
    return channel(name);
  }

  async lookup(host: string): Promise<readonly string[]> {
    if (!isPlainHost(host)) {
      throw new Error(`cannot resolve ${JSON.stringify(host)}: host is empty or has a space or a control character`);
    }
    try {
      // verbatim: the order of RFC 6724, in which the system put them, and not IPv4 first.
      const found = await nodeDns().lookup(host, { all: true, verbatim: true });
      return found.map((entry) => entry.address);
    } catch (cause) {
      throw lookupError(host, cause);
    }
  }

  print(line: string): void {
    process.stdout.write(`${line}\n`);
  }

  /** On stderr, unless the program listens for `warning` or runs with --no-warnings. */
  warn(message: string): void {
    process.emitWarning(message, "GodwitWarning");
  }

  createAsyncScope<T>(): AsyncScope<T> {
    return createAsyncScope<T>();
  }

  dns(server = ""): DnsClient {
    return new NodeDnsClient(server);
  }

  fetch(request: HttpRequest): Promise<HttpResponse> {
    return nodeFetch(request);
  }

  env(name: string): string | undefined {
    return process.env[name];
  }

  hostName(): string {
    return hostname();
  }

  isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
    return isWellFormedUtf8(bytes, start, end);
  }
}

/** A platform with timers and turns of its own; `nodePlatform` is the one that is shared. */
export function createNodePlatform(): Platform {
  return new NodePlatform();
}

let shared: Platform | undefined;

/** The platform of this process, made when it is first asked for. */
export function nodePlatform(): Platform {
  shared ??= createNodePlatform();
  return shared;
}
