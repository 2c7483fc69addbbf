import type { Millis } from "../../base/platform.js";
import { connectionError, ErrorCode, type Violation } from "../error-code.js";
import type { Http2Limits } from "../limits.js";
import type { SessionCounters } from "../session-counters.js";
import { RateBudget } from "./rate-budget.js";
import { ResetBudget } from "./reset-budget.js";

/** Seconds over which maxSettingsPerSecond is a mean. */
const settingsSeconds = 10;
/** Given back a second. */
const pingsPerSecond = 10;
const emptyDataPerSecond = 1;
const uselessPerSecond = 330;
/** WINDOW_UPDATE frames that DATA of ours may bring: one for the stream, one for the connection, and generously more. */
const windowUpdatesPerData = 10;
/** And what a stream may bring without any: C-core sends one for each call that it reads (Envoy's two). */
const windowUpdatesPerStream = 2;
/** Frames that a peer sends at the usual end of a call: headers, a message, trailers, and one more. */
const framesOfACall = 4;
/** A large frame counts as so many of this size: Go's server updates both windows every 4 KiB. */
const dataUnitBytes = 4096;

/**
 * Counts what a peer may legally send and what is no use to it beyond a point: the floods. Each method gives the
 * connection error with which that point is passed.
 */
export class PeerGuard {
  /** Time of the input that is being read. */
  now: Millis;

  readonly #limits: Http2Limits;
  readonly #counters: SessionCounters;
  /** A budget is there when something has been spent of it. */
  #settings: RateBudget | undefined;
  #pings: RateBudget | undefined;
  #emptyData: RateBudget | undefined;
  #useless: RateBudget | undefined;
  readonly #resets: ResetBudget;
  #windowUpdatesAllowed: number;
  /** Frames that may come for streams that we have reset. */
  #crossings = 0;

  constructor(limits: Http2Limits, counters: SessionCounters, now: Millis) {
    this.now = now;
    this.#limits = limits;
    this.#counters = counters;
    this.#resets = new ResetBudget(limits.maxPrematureResets, now);
    this.#windowUpdatesAllowed = limits.maxWindowUpdates;
  }

  settings(): Violation | undefined {
    this.#counters.settingsFrames += 1;
    const { maxSettingsPerSecond } = this.#limits;
    this.#settings ??= new RateBudget(maxSettingsPerSecond * settingsSeconds, maxSettingsPerSecond, this.now);
    if (this.#settings.spend(this.now)) return undefined;
    return tooMuch(`SETTINGS frames come faster than ${maxSettingsPerSecond} a second (maxSettingsPerSecond)`);
  }

  /** Nothing has come for a while: a budget that is full again is as good as none. */
  rest(now: Millis): void {
    if (this.#settings?.isFull(now) === true) this.#settings = undefined;
    if (this.#pings?.isFull(now) === true) this.#pings = undefined;
    if (this.#emptyData?.isFull(now) === true) this.#emptyData = undefined;
    if (this.#useless?.isFull(now) === true) this.#useless = undefined;
  }

  ping(): Violation | undefined {
    this.#counters.pings += 1;
    this.#pings ??= new RateBudget(this.#limits.maxPings, pingsPerSecond, this.now);
    if (this.#pings.spend(this.now)) return undefined;
    return tooMuch(`more than ${this.#limits.maxPings} PING frames came without HEADERS or DATA (maxPings)`);
  }

  /** HEADERS or DATA came: PINGs among them are measurements, not a flood. */
  traffic(): void {
    this.#pings?.refill();
  }

  /** A DATA frame was sent. */
  dataSent(size: number): void {
    this.#counters.dataFramesSent += 1;
    this.#windowUpdatesAllowed += windowUpdatesPerData * (1 + Math.trunc(size / dataUnitBytes));
    this.#pings?.refill();
  }

  windowUpdate(): Violation | undefined {
    const counters = this.#counters;
    counters.windowUpdates += 1;
    if (counters.windowUpdates <= this.#windowUpdatesAllowed) return undefined;
    const observed = `${counters.windowUpdates} WINDOW_UPDATE frames came for ${counters.dataFramesSent} DATA frames`;
    return tooMuch(`${observed}, limit ${this.#windowUpdatesAllowed} (maxWindowUpdates)`);
  }

  emptyData(): Violation | undefined {
    this.#counters.emptyDataFrames += 1;
    this.#emptyData ??= new RateBudget(this.#limits.maxEmptyDataFrames, emptyDataPerSecond, this.now);
    if (this.#emptyData.spend(this.now)) return undefined;
    return tooMuch(`more than ${this.#limits.maxEmptyDataFrames} empty DATA frames came (maxEmptyDataFrames)`);
  }

  useless(): Violation | undefined {
    this.#counters.uselessFrames += 1;
    this.#useless ??= new RateBudget(this.#limits.maxUselessFrames, uselessPerSecond, this.now);
    if (this.#useless.spend(this.now)) return undefined;
    return tooMuch(`more than ${this.#limits.maxUselessFrames} frames came that change nothing (maxUselessFrames)`);
  }

  /** We have reset a stream: the peer may have said the usual on it before it hears of that. */
  resetSent(): void {
    this.#crossings += framesOfACall;
  }

  /** A frame came for a stream that we have reset. */
  behindReset(): Violation | undefined {
    if (this.#crossings === 0) return this.useless();
    this.#crossings -= 1;
    return undefined;
  }

  /** A stream was opened, by us on a client, by the peer on a server. */
  opened(): Violation | undefined {
    this.#useless?.refund();
    this.#windowUpdatesAllowed += windowUpdatesPerStream;
    return this.#resets.opened(this.now) ? undefined : this.#tooManyResets();
  }

  /** The peer reset a stream of its own that was opened at `openedAt`, before we had answered on it. */
  reset(openedAt: Millis): void {
    if (this.now - openedAt >= this.#limits.prematureResetMs) return;
    this.#counters.prematureResets += 1;
    this.#resets.premature();
  }

  /** The peer made us reset a stream. */
  provoked(): Violation | undefined {
    this.#counters.provokedResets += 1;
    return this.#resets.provoked(this.now) ? undefined : this.#tooManyResets();
  }

  #tooManyResets(): Violation {
    const { maxPrematureResets } = this.#limits;
    return tooMuch(
      `${this.#resets.wasted} streams ended too early within 10 seconds, limit ${maxPrematureResets} where they are more than half (maxPrematureResets)`,
    );
  }
}

function tooMuch(message: string): Violation {
  return connectionError(ErrorCode.ENHANCE_YOUR_CALM, message);
}
