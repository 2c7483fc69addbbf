import { hostOf } from "../../base/peer-host.js";
import type { ByteStream, ByteStreamSink, Millis, Peer, Platform, Timer } from "../../base/platform.js";
import { RateBudget } from "../../http2/guard/rate-budget.js";

/** What one address may break before its next connections have to wait. */
export interface FaultHoldLimits {
  /** Connections of one address that may break the protocol at once; one more each second. Infinity: no address is held. */
  readonly maxFaultsPerAddress: number;
  /** How long a connection of an address that broke more waits before it is read, in milliseconds. */
  readonly faultHoldMs: number;
}

/** Addresses that are remembered. One that is forgotten starts anew. */
const maxAddresses = 1024;

/**
 * The addresses whose connections broke the protocol of late. Each such connection costs far more than it costs the peer to
 * come back: whoever does so again and again is slowed down, and others at the same address (behind one NAT or proxy) wait
 * for a moment and are not turned away.
 */
export class FaultyAddresses {
  readonly #limits: FaultHoldLimits;
  /** The one that broke something last is the last. */
  readonly #budgets = new Map<string, RateBudget>();

  constructor(limits: FaultHoldLimits) {
    this.#limits = limits;
  }

  /** A connection broke the protocol. Whether this was the one too many, so that somebody may be told. */
  onFault(peer: Peer, now: Millis): boolean {
    const { maxFaultsPerAddress } = this.#limits;
    if (maxFaultsPerAddress === Number.POSITIVE_INFINITY) return false;
    const host = hostOf(peer);
    const known = this.#budgets.get(host);
    const wasSpent = known?.isSpent(now) ?? false;
    const budget = known ?? new RateBudget(maxFaultsPerAddress, 1, now);
    budget.spend(now);
    this.#budgets.delete(host);
    this.#budgets.set(host, budget);
    if (this.#budgets.size > maxAddresses) this.#forgetOldest();
    return !wasSpent && budget.isSpent(now);
  }

  /** How long a new connection waits, in milliseconds. */
  holdMs(peer: Peer, now: Millis): Millis {
    const isHeld = this.#budgets.get(hostOf(peer))?.isSpent(now) ?? false;
    return isHeld ? this.#limits.faultHoldMs : 0;
  }

  #forgetOldest(): void {
    for (const host of this.#budgets.keys()) {
      this.#budgets.delete(host);
      return;
    }
  }
}

/** A connection that is read later: until then it costs its socket and what that has read by itself. */
export class HeldConnection implements ByteStreamSink {
  readonly #stream: ByteStream;
  readonly #timer: Timer;
  readonly #open: (held: HeldConnection) => ByteStreamSink;
  /** Came in spite of the pause. */
  readonly #chunks: Uint8Array[] = [];
  readonly #onGone: (held: HeldConnection) => void;
  #sink: ByteStreamSink | undefined;

  /**
   * @param open Called once when the time is over, with the stream that now brings its bytes; gives the one who takes them.
   * @param onGone Called instead if the stream is gone before.
   */
  constructor(
    stream: ByteStream,
    platform: Platform,
    holdMs: Millis,
    open: (held: HeldConnection) => ByteStreamSink,
    onGone: (held: HeldConnection) => void,
  ) {
    this.#stream = stream;
    this.#open = open;
    this.#onGone = onGone;
    stream.pause();
    this.#timer = platform.setTimer(platform.now() + holdMs, () => this.#start(), false);
  }

  /** Ends the wait, and the connection. */
  close(): void {
    this.#timer.cancel();
    this.#stream.destroy();
  }

  onData(chunk: Uint8Array): void {
    if (this.#sink === undefined) this.#chunks.push(chunk);
    else this.#sink.onData(chunk);
  }

  onDrain(): void {
    this.#sink?.onDrain();
  }

  onEnd(): void {
    if (this.#sink === undefined) this.close();
    else this.#sink.onEnd();
  }

  onClose(error?: Error): void {
    this.#timer.cancel();
    if (this.#sink === undefined) this.#onGone(this);
    else this.#sink.onClose(error);
  }

  #start(): void {
    const sink = this.#open(this);
    this.#sink = sink;
    this.#stream.resume();
    for (const chunk of this.#chunks.splice(0)) sink.onData(chunk);
  }
}
