import { MessageQueue, type MessageQueueOwner, MessageStream } from "../../base/message-queue.js";

/** Requests that may wait for a streaming handler; at the first half the sender may go on. */
export const requestsAhead = 16;

/** Who pushes. */
export interface RequestQueueOwner {
  /** Pushing may go on after `push` returned false. */
  onQueueWritable(): void;
}

/** The requests of a streaming call between the wire, which pushes, and the handler's loop. */
export class RequestQueue implements MessageQueueOwner {
  /** What the handler iterates. */
  readonly stream: AsyncIterable<unknown>;
  readonly #queue = new MessageQueue(this);
  readonly #owner: RequestQueueOwner;
  #isBlocked = false;

  constructor(owner: RequestQueueOwner) {
    this.#owner = owner;
    this.stream = new MessageStream(this.#queue);
  }

  /** False: wait for onQueueWritable. */
  push(message: unknown): boolean {
    this.#queue.push(message as NonNullable<unknown>);
    if (this.#queue.size >= requestsAhead) this.#isBlocked = true;
    return !this.#isBlocked;
  }

  /** The client has half-closed. */
  end(): void {
    this.#queue.end();
  }

  /** The call is over: what the handler has not read it will not read. */
  fail(error: unknown): void {
    this.#queue.abort(error);
  }

  onTaken(): void {
    if (this.#isBlocked && this.#queue.size <= requestsAhead / 2) this.#unblock();
  }

  /**
   * The handler left its loop and goes on without. What still comes is dropped, not left lying: it would hold the
   * connection's flow-control window, which all calls share.
   */
  onReaderLeft(): void {
    if (this.#isBlocked) this.#unblock();
  }

  #unblock(): void {
    this.#isBlocked = false;
    this.#owner.onQueueWritable();
  }
}
