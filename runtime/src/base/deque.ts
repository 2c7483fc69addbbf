/** Power of two: an index wraps with a mask. */
const initialCapacity = 4;
/** That of a queue that has never had an element, or has been cleared: never written to. */
const noRing: undefined[] = [];

/**
 * A queue with two ends in a ring of memory: every operation is O(1), amortised where it grows.
 *
 * A slot that was given up holds nothing, so that a long-lived queue keeps no dead object. The ring shrinks only in
 * `clear`. `undefined` is no element: it is how `shift` and `peek` say "empty".
 */
export class Deque<T extends NonNullable<unknown>> {
  #ring: (T | undefined)[] = noRing;
  #head = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds at the back. */
  push(item: T): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#length) & (this.#ring.length - 1)] = item;
    this.#length++;
  }

  /** Adds at the front. */
  unshift(item: T): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#head = (this.#head - 1) & (this.#ring.length - 1);
    this.#ring[this.#head] = item;
    this.#length++;
  }

  /** Takes the front. */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#length--;
    return item;
  }

  /** The front, left where it is. */
  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#ring[this.#head];
  }

  clear(): void {
    this.#ring = noRing;
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const old = this.#ring;
    const ring: (T | undefined)[] = new Array(Math.max(initialCapacity, old.length * 2)).fill(undefined);
    for (let i = 0; i < old.length; i++) ring[i] = old[(this.#head + i) & (old.length - 1)];
    this.#ring = ring;
    this.#head = 0;
  }
}
