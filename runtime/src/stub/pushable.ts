import { Deferred } from "../base/deferred.js";
import { Deque } from "../base/deque.js";
import { markHandled } from "../base/thenable.js";
import { StatusCode } from "../rpc/status-code.js";
import { StatusError } from "../rpc/status-error.js";

/** A source of requests for those who push. Give it to one call. */
export interface PushableSource<T> extends AsyncIterable<T> {
  /**
   * Resolves when the call has taken the message: await it, and no more than flow control allows is held in memory. A
   * message written before the call was made waits for the call. Rejects with the status of the call when that ended
   * first (FAILED_PRECONDITION when it ended with OK), and with a plain Error after `finish` or `fail`. A rejection that
   * nobody awaits is not reported as unhandled: the call itself reports how it ended.
   */
  write(message: T): Promise<void>;
  /** Half-closes behind what was written. Idempotent. */
  finish(): void;
  /** Cancels the call; its error has `error` as cause. */
  fail(error: unknown): void;
}

/** Creates a source with `write` and `finish`, for a client-streaming or bidi call. */
export function pushable<T>(): PushableSource<T> {
  return new Pushable<T>();
}

interface PendingWrite {
  readonly message: unknown;
  readonly taken: Deferred<void>;
}

type PushableState =
  | { readonly kind: "open" }
  | { readonly kind: "finished" }
  | { readonly kind: "failed"; readonly error: unknown }
  /** The call has ended; `error` is what a write gets. */
  | { readonly kind: "left"; readonly error: unknown };

const open: PushableState = Object.freeze({ kind: "open" });
const finished: PushableState = Object.freeze({ kind: "finished" });

/** What a write gets whose message was awaited. */
const takenAtOnce = Promise.resolve();

export class Pushable<T> implements PushableSource<T> {
  /** Set by the call that reads: hears of `fail` even while flow control keeps it from reading. */
  onFailed: ((error: unknown) => void) | undefined;
  #state: PushableState = open;
  readonly #writes = new Deque<PendingWrite>();
  #read: Deferred<IteratorResult<unknown, undefined>> | undefined;
  /** Some call reads from here. */
  #isTaken = false;

  write(message: T): Promise<void> {
    if (this.#state.kind === "left") return rejected(this.#state.error);
    if (this.#state.kind !== "open") return rejected(new Error("write after finish or fail: nothing more can be sent"));
    const read = this.#read;
    if (read !== undefined) {
      this.#read = undefined;
      read.resolve({ done: false, value: message });
      return takenAtOnce;
    }
    const taken = new Deferred<void>();
    this.#writes.push({ message, taken });
    return taken.promise;
  }

  finish(): void {
    if (this.#state.kind !== "open") return;
    this.#state = finished;
    if (this.#read !== undefined) this.#read.resolve({ done: true, value: undefined });
    this.#read = undefined;
  }

  fail(error: unknown): void {
    if (this.#state.kind !== "open") return;
    this.#rejectWrites(error);
    const read = this.#read;
    this.#read = undefined;
    if (read !== undefined) {
      this.#state = finished;
      read.reject(error);
    } else if (this.onFailed !== undefined) {
      this.#state = finished;
      this.onFailed(error);
    } else {
      this.#state = { kind: "failed", error };
    }
  }

  /** A call that was given this source ended before it began to read. Another call may be reading: that one is left alone. */
  abandoned(error: StatusError | undefined): void {
    if (!this.#isTaken) this.callEnded(error);
  }

  /** The call that reads this source has ended, with `error` unless well. Called by the call. */
  callEnded(error: StatusError | undefined): void {
    if (this.#state.kind === "left") return;
    const reason =
      error ?? new StatusError(StatusCode.FAILED_PRECONDITION, "the call has ended and takes no more messages");
    this.#state = { kind: "left", error: reason };
    this.#rejectWrites(reason);
    if (this.#read !== undefined) this.#read.resolve({ done: true, value: undefined });
    this.#read = undefined;
  }

  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    if (this.#isTaken) throw new Error("a pushable source can be given to one call only");
    this.#isTaken = true;
    return {
      next: () => this.#next() as Promise<IteratorResult<T, undefined>>,
      return: () => {
        this.callEnded(undefined);
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #next(): Promise<IteratorResult<unknown, undefined>> {
    const write = this.#writes.shift();
    if (write !== undefined) {
      write.taken.resolve();
      return Promise.resolve({ done: false, value: write.message });
    }
    switch (this.#state.kind) {
      case "open":
        this.#read = new Deferred();
        return this.#read.promise;
      case "failed": {
        const { error } = this.#state;
        this.#state = finished;
        return rejected(error);
      }
      case "finished":
      case "left":
        return Promise.resolve({ done: true, value: undefined });
    }
  }

  #rejectWrites(error: unknown): void {
    for (;;) {
      const write = this.#writes.shift();
      if (write === undefined) return;
      markHandled(write.taken.promise);
      write.taken.reject(error);
    }
  }
}

function rejected(error: unknown): Promise<never> {
  const promise = Promise.reject(error);
  markHandled(promise);
  return promise;
}
