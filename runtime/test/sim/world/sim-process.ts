import type { DnsClient } from "../../../src/base/dns-client.js";
import type { HttpResponse } from "../../../src/base/http.js";
import type {
  Address,
  Compressor,
  ConnectCallbacks,
  Connecting,
  ListenCallbacks,
  Listener,
  Millis,
  Platform,
  Timer,
} from "../../../src/base/platform.js";
import { TimerTable } from "../../../src/base/timer-table.js";
import type { ClientSecurity, ServerSecurity } from "../../../src/base/tls.js";
import { isWellFormedUtf8 } from "../../../src/net/well-formed-utf8.js";
import type { SeededRandom } from "../../hpack/random.js";
import { FakeDns } from "../../support/fake-dns.js";
import { FakeFiles } from "../../support/fake-files.js";
import type { EventOwner } from "./event-queue.js";
import { ToyCompressor } from "./toy-compressor.js";
import type { World } from "./world.js";

/** What a process asks of the network that it is on. */
export interface NetworkDoor {
  connect(process: SimProcess, address: Address, callbacks: ConnectCallbacks): Connecting;
  listen(process: SimProcess, address: Address, callbacks: ListenCallbacks): Promise<Listener>;
  lookup(process: SimProcess, host: string): Promise<readonly string[]>;
}

const startOfWallClockMs = Date.UTC(2026, 0, 1);

/** How a process keeps time and works. */
export interface ProcessHabits {
  /** Its monotonic clock began so long before the world's. */
  readonly clockOffsetMs: Millis;
  /** Timers are late by less than this. 0: exact. */
  readonly timerLatenessMs: Millis;
  /** Chance that a compression takes a while. */
  readonly slowCompression: number;
}

/** One operating system process as the runtime sees it: a Platform in virtual time. It can stand still and die. */
export class SimProcess implements Platform, EventOwner {
  readonly compressor: Compressor;
  readonly files: FakeFiles = new FakeFiles(this);
  standsStillUntil: Millis = 0;
  isDead = false;
  /** Turns that have been run: the measure of "within one turn". */
  turnsRun = 0;
  /** Called behind each turn. */
  onTurn: () => void = () => {};
  /** What a correction of the clock has added to it. */
  wallClockJumpMs: Millis = 0;

  readonly #timers = new TimerTable();
  #armedFor: Millis = Number.POSITIVE_INFINITY;
  #turns: (() => void)[] = [];
  /** Time never runs back, and is never short of a timer that fires. */
  #floor: Millis = 0;

  constructor(
    readonly name: string,
    readonly world: World,
    readonly network: NetworkDoor,
    readonly habits: ProcessHabits,
    readonly dice: SeededRandom,
  ) {
    this.compressor = new ToyCompressor((fn) => {
      if (dice.next() >= habits.slowCompression) fn();
      else this.after(dice.below(4), fn);
    });
  }

  // ---- Platform

  now(): Millis {
    this.#floor = Math.max(this.#floor, this.world.now + this.habits.clockOffsetMs);
    return this.#floor;
  }

  wallClock(): Millis {
    return startOfWallClockMs + this.world.now + this.wallClockJumpMs;
  }

  print(line: string): void {
    throw new Error(`printed in a simulation: ${line}`);
  }

  warn(message: string): void {
    throw new Error(`warned in a simulation: ${message}`);
  }

  random(): number {
    return this.dice.next();
  }

  setTimer(at: Millis, fn: () => void, holdsProcess = true): Timer {
    const timer = this.#timers.schedule(at, fn, holdsProcess);
    if (at < this.#armedFor) this.#arm(at);
    return timer;
  }

  scheduleTurn(fn: () => void): void {
    if (this.#turns.push(fn) === 1) this.world.queue.schedule(this.world.now, this.#runTurn, this);
  }

  connect(address: Address, _security: ClientSecurity, callbacks: ConnectCallbacks): Connecting {
    return this.network.connect(this, address, callbacks);
  }

  listen(address: Address, _security: ServerSecurity, callbacks: ListenCallbacks): Promise<Listener> {
    return this.network.listen(this, address, callbacks);
  }

  lookup(host: string): Promise<readonly string[]> {
    return this.network.lookup(this, host);
  }

  /** No server answers with anything: names are looked up by the network. */
  dns(server = ""): DnsClient {
    return new FakeDns(server).client();
  }

  async fetch(): Promise<HttpResponse> {
    throw new Error("there is no HTTP in the simulation");
  }

  env(): undefined {
    return undefined;
  }

  hostName(): string {
    return this.name;
  }

  isUtf8(bytes: Uint8Array, start: number, end: number): boolean {
    return isWellFormedUtf8(bytes, start, end);
  }

  // ---- the simulator's side

  get timers(): number {
    return this.#timers.size;
  }

  get waitingTurns(): number {
    return this.#turns.length;
  }

  /** Runs `fn` after `ms`, unless the process is dead by then: a timer of the application's, not of the runtime's. */
  after(ms: Millis, fn: () => void): void {
    const run = () => this.world.guard(`an event in ${this.name}`, fn);
    this.world.queue.schedule(this.world.now + ms, run, this);
  }

  sleep(ms: Millis): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  #arm(at: Millis): void {
    this.#armedFor = at;
    const { clockOffsetMs, timerLatenessMs } = this.habits;
    const lateMs = timerLatenessMs === 0 ? 0 : this.dice.next() * timerLatenessMs;
    this.world.queue.schedule(at - clockOffsetMs + lateMs, () => this.#fire(at), this);
  }

  /** A timer that was cancelled since has left its alarm behind. */
  #fire(at: Millis): void {
    if (at !== this.#armedFor) return;
    this.#floor = Math.max(this.#floor, at);
    this.#armedFor = Number.NEGATIVE_INFINITY;
    this.world.guard(`a timer of ${this.name}`, () => this.#timers.runDue(this.now()));
    this.#armedFor = Number.POSITIVE_INFINITY;
    const { nextAt } = this.#timers;
    if (nextAt < Number.POSITIVE_INFINITY) this.#arm(nextAt);
  }

  readonly #runTurn = (): void => {
    const turn = this.#turns;
    this.#turns = [];
    for (const fn of turn) this.world.guard(`a turn of ${this.name}`, fn);
    this.turnsRun++;
    this.onTurn();
  };
}
