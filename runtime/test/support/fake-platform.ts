import { isIP } from "node:net";
import { setImmediate } from "node:timers/promises";
import type { DnsClient } from "../../src/base/dns-client.js";
import type { HttpRequest, HttpResponse } from "../../src/base/http.js";
import type {
  Address,
  Compressor,
  ConnectCallbacks,
  Connecting,
  ListenCallbacks,
  Listener,
  Millis,
  Peer,
  Platform,
  Timer,
} from "../../src/base/platform.js";
import { TimerTable } from "../../src/base/timer-table.js";
import type { ClientSecurity, ServerSecurity } from "../../src/base/tls.js";
import { addressProblem } from "../../src/net/address-check.js";
import { ZlibCompressor } from "../../src/net/compressor.js";
import { ipUri } from "../../src/net/peer-address.js";
import { addressLabel, connectError, listenError, lookupError } from "../../src/net/system-error.js";
import { isWellFormedUtf8 } from "../../src/net/well-formed-utf8.js";
import { FakeDns } from "./fake-dns.js";
import { FakeFiles } from "./fake-files.js";
import { FakeHttp } from "./fake-http.js";
import { FakeLink, type FakeLinkOptions } from "./fake-stream.js";

export interface FakePlatformOptions extends FakeLinkOptions {
  /** Of the random numbers. Default 1. */
  seed?: number;
}

/** No test needs as many turns or timers without the world coming to rest: it is a loop. */
const restlessLimit = 1_000_000;

/** Not 0, so that a time and a duration are not mistaken for each other. */
const startMs = 1_000;
const startOfWallClockMs = Date.UTC(2026, 0, 1);

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/**
 * A world of its own: virtual time, seeded dice, byte streams in memory, no real waiting.
 *
 * Nothing happens by itself: `runTurns`, `advance` and their asynchronous forms `settle` and `advanceAsync`, which let
 * promises go on in between, make it go.
 */
export class FakePlatform implements Platform {
  readonly compressor: Compressor = new ZlibCompressor({
    inputBytes: Number.POSITIVE_INFINITY,
    outputBytes: Number.POSITIVE_INFINITY,
  });
  /** What `lookup` answers. An address stands for itself. */
  readonly hosts = new Map<string, readonly string[]>([["localhost", ["127.0.0.1"]]]);
  /** What is said of each DNS server that was asked, or is to be; "" for those of the system. */
  readonly dnsServers = new Map<string, FakeDns>();
  readonly files: FakeFiles = new FakeFiles(this);
  /** Whom `fetch` asks. */
  readonly http = new FakeHttp();
  /** Every link that was ever opened, in order. */
  readonly links: FakeLink[] = [];
  /** The address of every connection attempt, in order. */
  readonly attempts: string[] = [];
  /** Every name that was looked up, in order. */
  readonly lookups: string[] = [];

  /** Variables of the environment: none but these. */
  readonly environment = new Map<string, string>();
  /** Every warning, in order. */
  readonly warnings: string[] = [];
  /** Every line that was printed, in order. */
  readonly printed: string[] = [];

  readonly #options: FakePlatformOptions;
  readonly #timers = new TimerTable();
  #turns: (() => void)[] = [];
  #now: Millis = startMs;
  #dice: number;
  readonly #listeners = new Map<string, ListenCallbacks>();
  readonly #refused = new Set<string>();
  readonly #blackHoles = new Set<string>();
  #nextPort = 50_000;
  #nextClientPort = 40_000;

  constructor(options: FakePlatformOptions = {}) {
    this.#options = options;
    this.#dice = options.seed ?? 1;
  }

  now(): Millis {
    return this.#now;
  }

  wallClock(): Millis {
    return startOfWallClockMs + this.#now;
  }

  print(line: string): void {
    this.printed.push(line);
  }

  warn(message: string): void {
    this.warnings.push(message);
  }

  /** A small generator of 32 bits of state: multiply, shift, mix. Good enough for a simulator, the same everywhere. */
  random(): number {
    this.#dice = (this.#dice + 0x6d2b79f5) | 0;
    let x = this.#dice;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  }

  setTimer(at: Millis, fn: () => void, holdsProcess = true): Timer {
    return this.#timers.schedule(at, fn, holdsProcess);
  }

  scheduleTurn(fn: () => void): void {
    this.#turns.push(fn);
  }

  isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
    return isWellFormedUtf8(bytes, start, end);
  }

  async lookup(host: string): Promise<readonly string[]> {
    this.lookups.push(host);
    const found = this.hosts.get(host) ?? (isIP(host) !== 0 ? [host] : undefined);
    if (found === undefined) throw lookupError(host, systemError("ENOTFOUND"));
    return found;
  }

  dns(server = ""): DnsClient {
    return this.dnsServer(server).client();
  }

  /** The DNS server of that address, to say what it answers. */
  dnsServer(server: string): FakeDns {
    const known = this.dnsServers.get(server) ?? new FakeDns(server);
    this.dnsServers.set(server, known);
    return known;
  }

  fetch(request: HttpRequest): Promise<HttpResponse> {
    return this.http.fetch(request);
  }

  env(name: string): string | undefined {
    return this.environment.get(name);
  }

  hostName(): string {
    return "test-host";
  }

  async listen(address: Address, _security: ServerSecurity, callbacks: ListenCallbacks): Promise<Listener> {
    const problem = addressProblem("cannot listen on", address);
    if (problem !== undefined) throw new Error(problem);
    const bound = address.transport === "tcp" && address.port === 0 ? { ...address, port: this.#nextPort++ } : address;
    const label = addressLabel(bound);
    if (this.#listeners.has(label)) throw listenError(bound, systemError("EADDRINUSE"));
    this.#listeners.set(label, callbacks);
    const close = async (): Promise<void> => {
      if (this.#listeners.get(label) === callbacks) this.#listeners.delete(label);
    };
    return { address: bound, close };
  }

  connect(address: Address, _security: ClientSecurity, callbacks: ConnectCallbacks): Connecting {
    const label = addressLabel(address);
    this.attempts.push(label);
    let cancelled = false;
    const attempt = (): void => {
      if (cancelled || this.#blackHoles.has(label)) return;
      const problem = addressProblem("cannot connect to", address);
      const accepting = this.#refused.has(label) ? undefined : this.#listenerAt(address);
      if (problem !== undefined) callbacks.onError(new Error(problem));
      else if (accepting === undefined) callbacks.onError(connectError(address, systemError("ECONNREFUSED")));
      else this.#open(address, accepting, callbacks);
    };
    const latencyMs = this.#options.latencyMs ?? 0;
    if (latencyMs === 0) this.scheduleTurn(attempt);
    else this.setTimer(this.#now + 2 * latencyMs, attempt);
    return {
      cancel: () => {
        cancelled = true;
      },
    };
  }

  /** Connections to it are refused, although somebody listens. */
  refuse(address: Address): void {
    this.#refused.add(addressLabel(address));
  }

  /** Connections to it get no answer at all. */
  blackHole(address: Address): void {
    this.#blackHoles.add(addressLabel(address));
  }

  heal(address: Address): void {
    this.#refused.delete(addressLabel(address));
    this.#blackHoles.delete(addressLabel(address));
  }

  /** Timers that are pending. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Pending timers that would keep a process alive. */
  get holdingTimers(): number {
    return this.#timers.holding;
  }

  /** When the earliest timer is due, Infinity when there is none. */
  get nextTimerAt(): Millis {
    return this.#timers.nextAt;
  }

  get openLinks(): readonly FakeLink[] {
    return this.links.filter((link) => link.isOpen);
  }

  /** Throws when a stream, a timer or a turn is left. */
  assertQuiet(): void {
    const left = { streams: this.openLinks.length, timers: this.timers, turns: this.#turns.length };
    if (left.streams + left.timers + left.turns > 0) throw new Error(`left behind: ${JSON.stringify(left)}`);
  }

  /** Runs turns until none is left, without promises. Returns how many callbacks ran. */
  runTurns(): number {
    let ran = 0;
    while (this.#turns.length > 0) {
      ran += this.runTurn();
      if (ran > restlessLimit) throw new Error(`the world did not come to rest within ${restlessLimit} turns`);
    }
    return ran;
  }

  /** Runs one turn: what was scheduled before it. Returns how many callbacks ran. */
  runTurn(): number {
    const turn = this.#turns;
    this.#turns = [];
    for (const fn of turn) fn();
    return turn.length;
  }

  /** Lets `ms` pass: turns and due timers run in order, promises do not go on. */
  advance(ms: Millis): void {
    const until = this.#now + ms;
    this.runTurns();
    for (let fired = 0; this.#timers.nextAt <= until; fired++) {
      if (fired > restlessLimit) throw new Error(`more than ${restlessLimit} timers fired within ${ms} ms`);
      this.#fireNext();
      this.runTurns();
    }
    this.#now = until;
  }

  /** Time passes and nothing runs, as while the event loop is busy with something else. */
  block(ms: Millis): void {
    this.#now += ms;
  }

  /** Runs turns, and promises between them, until nothing moves. No time passes. */
  async settle(): Promise<void> {
    do await setImmediate();
    while (this.runTurns() > 0);
  }

  /** Lets `ms` pass with everything: timers in order, and after each the turns and promises that follow from it. */
  async advanceAsync(ms: Millis): Promise<void> {
    const until = this.#now + ms;
    await this.settle();
    for (let fired = 0; this.#timers.nextAt <= until; fired++) {
      if (fired > restlessLimit) throw new Error(`more than ${restlessLimit} timers fired within ${ms} ms`);
      this.#fireNext();
      await this.settle();
    }
    this.#now = until;
  }

  #fireNext(): void {
    this.#now = Math.max(this.#now, this.#timers.nextAt);
    this.#timers.runDue(this.#now);
  }

  #listenerAt(address: Address): ListenCallbacks | undefined {
    const exact = this.#listeners.get(addressLabel(address));
    if (exact !== undefined || address.transport !== "tcp") return exact;
    const any = address.host.includes(":") ? ["::"] : ["0.0.0.0", "::"];
    for (const host of any) {
      const found = this.#listeners.get(addressLabel({ ...address, host }));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #open(address: Address, accepting: ListenCallbacks, connecting: ConnectCallbacks): void {
    const link = new FakeLink(this, this.#serverOf(address), this.#clientOf(address), this.#options);
    this.links.push(link);
    link.server.attach(accepting.onAccept(link.server));
    link.client.attach(connecting.onConnect(link.client));
  }

  /** What the client sees. */
  #serverOf(address: Address): Peer {
    if (address.transport !== "tcp") return { address: addressLabel(address), security: "local" };
    return { address: ipUri(address.host, address.port), security: "none" };
  }

  /** What the server sees. */
  #clientOf(address: Address): Peer {
    if (address.transport !== "tcp") return { address: addressLabel(address), security: "local" };
    return { address: ipUri(address.host, this.#nextClientPort++), security: "none" };
  }
}
