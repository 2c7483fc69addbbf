const none: readonly never[] = [];

/** A set that has no member most of the time: it takes memory with its first one, and gives it back with its last. */
export class SparseSet<T> implements Iterable<T> {
  #members: Set<T> | undefined;

  get size(): number {
    return this.#members === undefined ? 0 : this.#members.size;
  }

  has(member: T): boolean {
    return this.#members?.has(member) === true;
  }

  add(member: T): void {
    this.#members ??= new Set();
    this.#members.add(member);
  }

  /** Whether it was a member. */
  delete(member: T): boolean {
    const members = this.#members;
    if (members?.delete(member) !== true) return false;
    if (members.size === 0) this.#members = undefined;
    return true;
  }

  clear(): void {
    this.#members = undefined;
  }

  /** In the order in which they were added. */
  [Symbol.iterator](): Iterator<T> {
    return this.#members === undefined ? none[Symbol.iterator]() : this.#members.values();
  }
}
