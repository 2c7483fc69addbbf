import { Deferred } from "./deferred.js";
import { Deque } from "./deque.js";
import { markHandled } from "./thenable.js";

/** What the owner of a MessageQueue hears of its reader. */
export interface MessageQueueOwner {
  /** One message went to the reader. */
  onTaken(): void;
  /** The reader left before the end; nothing more will be read. At most once. */
  onReaderLeft(): void;
}

type QueueState =
  | { readonly kind: "open" }
  /** No message will follow those that are queued. */
  | { readonly kind: "ended" }
  /** As ended, and the reader is to hear of `error` once, behind the queued messages. */
  | { readonly kind: "failed"; readonly error: unknown };

const open: QueueState = Object.freeze({ kind: "open" });
const ended: QueueState = Object.freeze({ kind: "ended" });
const done: IteratorReturnResult<undefined> = Object.freeze({ done: true, value: undefined });

/** Messages between a producer that pushes and one reader that awaits. The bound is its owner's: see `size` and onTaken. */
export class MessageQueue {
  readonly #owner: MessageQueueOwner;
  readonly #messages = new Deque<NonNullable<unknown>>();
  /** Calls of `next` that no message has answered; more than one only for a reader that does not wait. */
  readonly #waiters = new Deque<Deferred<IteratorResult<unknown, undefined>>>();
  #state: QueueState = open;

  constructor(owner: MessageQueueOwner) {
    this.#owner = owner;
  }

  /** Messages that wait for the reader. */
  get size(): number {
    return this.#messages.length;
  }

  /** Ignored after the end. */
  push(message: NonNullable<unknown>): void {
    if (this.#state !== open) return;
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      this.#messages.push(message);
      return;
    }
    waiter.resolve({ done: false, value: message });
    this.#owner.onTaken();
  }

  /** Ends the reader's loop behind the queued messages. */
  end(): void {
    if (this.#state !== open) return;
    this.#state = ended;
    this.#releaseWaiters();
  }

  /** Throws `error` in the reader's loop, behind the queued messages. */
  fail(error: unknown): void {
    if (this.#state !== open) return;
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      this.#state = { kind: "failed", error };
      return;
    }
    this.#state = ended;
    markHandled(waiter.promise);
    waiter.reject(error);
    this.#releaseWaiters();
  }

  /** Forgets the queued messages. */
  discard(): void {
    if (this.#messages.length > 0) this.#messages.clear();
  }

  /**
   * Throws `error` in the reader's loop in place of what is queued. Where messages are lost that way the reader hears of
   * it, even behind `end`: what it was given must not look complete.
   */
  abort(error: unknown): void {
    if (this.#messages.length === 0) {
      this.fail(error);
      return;
    }
    this.#messages.clear();
    if (this.#state.kind !== "failed") this.#state = { kind: "failed", error };
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    const value = this.#messages.shift();
    if (value !== undefined) {
      this.#owner.onTaken();
      return Promise.resolve({ done: false, value });
    }
    switch (this.#state.kind) {
      case "open":
        return this.#wait();
      case "ended":
        return Promise.resolve(done);
      case "failed": {
        const rejected = Promise.reject(this.#state.error);
        this.#state = ended;
        markHandled(rejected);
        return rejected;
      }
    }
  }

  /** The reader leaves: what is queued, an error too, is forgotten. */
  leave(): void {
    const wasOpen = this.#state === open;
    this.discard();
    this.#state = ended;
    this.#releaseWaiters();
    if (wasOpen) this.#owner.onReaderLeft();
  }

  #wait(): Promise<IteratorResult<unknown, undefined>> {
    const waiter = new Deferred<IteratorResult<unknown, undefined>>();
    this.#waiters.push(waiter);
    return waiter.promise;
  }

  #releaseWaiters(): void {
    for (;;) {
      const waiter = this.#waiters.shift();
      if (waiter === undefined) return;
      waiter.resolve(done);
    }
  }
}

/** The reader's side of a MessageQueue: an AsyncIterable that can be read once. */
export class MessageStream implements AsyncIterable<unknown> {
  readonly #queue: MessageQueue;
  #isRead = false;

  constructor(queue: MessageQueue) {
    this.#queue = queue;
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown, undefined> {
    if (this.#isRead) return new SpentReader();
    this.#isRead = true;
    return new MessageReader(this.#queue);
  }
}

class MessageReader implements AsyncIterableIterator<unknown, undefined> {
  readonly #queue: MessageQueue;

  constructor(queue: MessageQueue) {
    this.#queue = queue;
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return this.#queue.next();
  }

  return(): Promise<IteratorResult<unknown, undefined>> {
    this.#queue.leave();
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** What a second loop over the same stream gets. */
class SpentReader implements AsyncIterator<unknown, undefined> {
  next(): Promise<IteratorResult<unknown, undefined>> {
    const rejected = Promise.reject(new Error("a stream of messages can be read only once"));
    markHandled(rejected);
    return rejected;
  }
}
