import type { Millis, Platform, Timer } from "../base/platform.js";
import { SparseSet } from "../base/sparse-set.js";
import type { WorkQueue } from "../base/work-queue.js";

/** The timers of a channel's policy: each is a piece of work of the control plane's queue, and none outlives the policy. */
export class PolicyTimers {
  readonly #platform: Platform;
  readonly #queue: WorkQueue;
  readonly #running = new SparseSet<PolicyTimer>();
  #closed = false;

  constructor(platform: Platform, queue: WorkQueue) {
    this.#platform = platform;
    this.#queue = queue;
  }

  set(at: Millis, fn: () => void): Timer {
    const run = (): void => this.#queue.run(() => this.#fire(timer));
    const timer = new PolicyTimer(this.#platform.setTimer(at, run, false), fn, this.#running);
    if (this.#closed) timer.cancel();
    else this.#running.add(timer);
    return timer;
  }

  /** A policy of the user's own may forget some, or go on. */
  close(): void {
    this.#closed = true;
    for (const timer of [...this.#running]) timer.cancel();
  }

  /** It may have been cancelled while its work waited in the queue. */
  #fire(timer: PolicyTimer): void {
    if (this.#running.delete(timer)) timer.fn();
  }
}

class PolicyTimer implements Timer {
  readonly fn: () => void;
  readonly #timer: Timer;
  readonly #running: SparseSet<PolicyTimer>;

  constructor(timer: Timer, fn: () => void, running: SparseSet<PolicyTimer>) {
    this.#timer = timer;
    this.fn = fn;
    this.#running = running;
  }

  cancel(): void {
    this.#running.delete(this);
    this.#timer.cancel();
  }
}
