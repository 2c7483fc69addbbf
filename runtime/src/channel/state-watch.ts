import type { Millis, Platform, Timer } from "../base/platform.js";
import { SparseSet } from "../base/sparse-set.js";
import type { ConnectivityState } from "../rpc/connectivity-state.js";

/** How long somebody waits for a channel's state to change. */
export interface StateWaitOptions {
  /** Gives the wait up: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds after which it resolves with false; the process stays alive for it. Default and Infinity: no limit, and no reason to live. */
  readonly timeoutMs?: number | undefined;
}

/** Those who wait for a channel's state to be another (grpc/grpc doc/connectivity-semantics-and-api.md). */
export class StateWatch {
  readonly #platform: Platform;
  readonly #waiters = new SparseSet<StateWaiter>();
  #state: ConnectivityState;

  constructor(platform: Platform, state: ConnectivityState) {
    this.#platform = platform;
    this.#state = state;
  }

  onState(state: ConnectivityState): void {
    if (state === this.#state) return;
    this.#state = state;
    // Where it returns to before they run is theirs to ask: a change is a change.
    for (const waiter of [...this.#waiters]) waiter.settle(state !== waiter.from);
  }

  /** True when the state is not `from`, now or once it is another; false when the time is over, or it can never be. */
  async waitForChange(from: ConnectivityState, options: StateWaitOptions): Promise<boolean> {
    const { signal, timeoutMs = Number.POSITIVE_INFINITY } = options;
    if (!(timeoutMs >= 0)) throw new TypeError(`timeoutMs is ${timeoutMs}: expected a number of 0 or more`);
    signal?.throwIfAborted();
    if (this.#state !== from) return true;
    if (from === "SHUTDOWN" || timeoutMs === 0) return false;
    const waiter = new StateWaiter(from);
    if (timeoutMs !== Number.POSITIVE_INFINITY) waiter.limit(this.#platform, timeoutMs);
    const onAbort = (): void => waiter.giveUp(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    this.#waiters.add(waiter);
    try {
      return await waiter.done;
    } finally {
      this.#waiters.delete(waiter);
      waiter.clear();
      signal?.removeEventListener("abort", onAbort);
    }
  }
}

class StateWaiter {
  readonly done: Promise<boolean>;
  readonly from: ConnectivityState;
  settle: (changed: boolean) => void = () => {};
  giveUp: (reason: unknown) => void = () => {};
  #timer: Timer | undefined;

  constructor(from: ConnectivityState) {
    this.from = from;
    this.done = new Promise((resolve, reject) => {
      this.settle = resolve;
      this.giveUp = reject;
    });
  }

  limit(platform: Platform, timeoutMs: Millis): void {
    this.#timer = platform.setTimer(platform.now() + timeoutMs, () => this.settle(false), true);
  }

  clear(): void {
    this.#timer?.cancel();
  }
}
