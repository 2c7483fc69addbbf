import type { Http2Stream } from "./stream/http2-stream.js";

/** Places of the ring that are given up before it is worth cleaning. */
const worthCleaning = 64;

/**
 * Whose turn it is to send: the streams that have something queued and a window for it, in a ring. Each gives up its
 * place after one frame's worth, so that no stream starves another.
 */
export class WriteScheduler {
  #ring: Http2Stream[] = [];
  #next = 0;
  /** Places in the ring whose stream has ended. */
  #vacant = 0;
  /** Streams that wait for their own window. */
  #blocked: Set<Http2Stream> | undefined;
  #areAllUnblocked = false;

  /** Puts a stream into the ring, unless it is there. */
  schedule(stream: Http2Stream): void {
    if (stream.scheduled) return;
    stream.scheduled = true;
    this.#blocked?.delete(stream);
    this.#ring.push(stream);
  }

  /** Takes the stream whose turn it is out of the ring; undefined when there is none. */
  take(): Http2Stream | undefined {
    if (this.#areAllUnblocked) this.#scheduleBlocked();
    while (this.#next < this.#ring.length) {
      const stream = this.#ring[this.#next++] as Http2Stream;
      if (this.#next > 1024 && this.#next * 2 > this.#ring.length) {
        this.#ring = this.#ring.slice(this.#next);
        this.#next = 0;
      }
      if (stream.scheduled) {
        stream.scheduled = false;
        return stream;
      }
      this.#vacant -= 1;
    }
    this.#ring.length = 0;
    this.#next = 0;
    return undefined;
  }

  /** The stream's own window is used up: it waits for `unblock` or `unblockAll`. */
  block(stream: Http2Stream): void {
    this.#blocked ??= new Set();
    this.#blocked.add(stream);
  }

  unblock(stream: Http2Stream): void {
    if (this.#blocked?.has(stream) === true) this.schedule(stream);
  }

  /** The initial window grew: every blocked stream tries again, once, however often that is said before the next turn. */
  unblockAll(): void {
    if (this.#blocked !== undefined && this.#blocked.size > 0) this.#areAllUnblocked = true;
  }

  /** Forgets a stream that has ended; it is not scheduled again. */
  forget(stream: Http2Stream): void {
    this.#blocked?.delete(stream);
    if (!stream.scheduled) return;
    stream.scheduled = false;
    this.#vacant += 1;
    if (this.#vacant < worthCleaning || this.#vacant * 2 < this.#ring.length - this.#next) return;
    this.#ring = this.#ring.slice(this.#next).filter((other) => other.scheduled);
    this.#next = 0;
    this.#vacant = 0;
  }

  /** Whether no stream waits for anything. */
  get isEmpty(): boolean {
    return this.idle && (this.#blocked === undefined || this.#blocked.size === 0);
  }

  /** Whether no stream waits for a turn. */
  get idle(): boolean {
    return this.#next + this.#vacant === this.#ring.length && !this.#areAllUnblocked;
  }

  #scheduleBlocked(): void {
    this.#areAllUnblocked = false;
    for (const stream of this.#blocked ?? []) this.schedule(stream);
  }
}
