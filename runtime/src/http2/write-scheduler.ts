import type { Http2Stream } from "./stream/http2-stream.js";

/**
 * Whose turn it is to send: the streams that have something queued and a window for it, in a ring. Each gives up its
 * place after one frame's worth, so that no stream starves another.
 */
export class WriteScheduler {
  #ring: Http2Stream[] = [];
  #next = 0;
  /** Streams that wait for their own window. */
  readonly #blocked = new Set<Http2Stream>();

  /** Puts a stream into the ring, unless it is there. */
  schedule(stream: Http2Stream): void {
    if (stream.scheduled) return;
    stream.scheduled = true;
    this.#blocked.delete(stream);
    this.#ring.push(stream);
  }

  /** Takes the stream whose turn it is out of the ring; undefined when there is none. */
  take(): Http2Stream | undefined {
    if (this.#next === this.#ring.length) {
      this.#ring.length = 0;
      this.#next = 0;
      return undefined;
    }
    const stream = this.#ring[this.#next++] as Http2Stream;
    if (this.#next > 1024 && this.#next * 2 > this.#ring.length) {
      this.#ring = this.#ring.slice(this.#next);
      this.#next = 0;
    }
    stream.scheduled = false;
    return stream;
  }

  /** The stream's own window is used up: it waits for `unblock` or `unblockAll`. */
  block(stream: Http2Stream): void {
    this.#blocked.add(stream);
  }

  unblock(stream: Http2Stream): void {
    if (this.#blocked.has(stream)) this.schedule(stream);
  }

  /** The initial window grew: every blocked stream tries again. */
  unblockAll(): void {
    for (const stream of this.#blocked) this.schedule(stream);
  }

  /** Forgets a stream that has ended; in the ring it is passed over by its empty queue. */
  forget(stream: Http2Stream): void {
    this.#blocked.delete(stream);
  }

  get idle(): boolean {
    return this.#next === this.#ring.length;
  }
}
