/** Below it, nobody looks for what has been collected. */
const leastSweep = 64;

/**
 * What lives in this process: to be found as long as somebody else holds it. What is closed is taken out; what is
 * forgotten without being closed is swept out now and then, so that nobody's forgetting is a leak here.
 */
export class LiveSet<T extends object> {
  readonly #refs = new Map<number, WeakRef<T>>();
  #sweepAt = leastSweep;

  add(id: number, item: T): void {
    if (this.#refs.size >= this.#sweepAt) this.#sweep();
    this.#refs.set(id, new WeakRef(item));
  }

  delete(id: number): void {
    this.#refs.delete(id);
  }

  /** In the order in which they were added. */
  toArray(): T[] {
    const found: T[] = [];
    for (const ref of this.#refs.values()) {
      const item = ref.deref();
      if (item !== undefined) found.push(item);
    }
    return found;
  }

  #sweep(): void {
    for (const [id, ref] of this.#refs) if (ref.deref() === undefined) this.#refs.delete(id);
    this.#sweepAt = Math.max(leastSweep, this.#refs.size * 2);
  }
}
