/** A call of which a part of a message has come. */
export interface IncompleteOwner {
  /** What was kept back of its stream's window may go. */
  onWindowFree(): void;
}

/**
 * Memory that the incomplete messages of one connection take. A message that is wanted gets its window back as it comes,
 * else one larger than the window would hang; but a thousand streams that each send the better part of a large message
 * and no more would take gigabytes. So above a limit only the stream that has waited longest gets its window back: its
 * message ends, then the next one's does. The connection's window, which all streams share, is never kept back for it.
 */
export class IncompleteMessages {
  readonly #limit: number;
  /** Bytes by call, in the order in which their messages began. */
  #bytes: Map<IncompleteOwner, number> | undefined;
  #total = 0;
  /** Bytes that windows were opened for ahead. */
  #ahead = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes of all incomplete messages. */
  get total(): number {
    return this.#total;
  }

  /** `owner` holds so many bytes of an incomplete message now; 0 for none. */
  set(owner: IncompleteOwner, bytes: number): void {
    const before = this.#bytes?.get(owner) ?? 0;
    if (before === bytes) return;
    const wasOver = this.#total > this.#limit;
    const first = wasOver ? this.#oldest() : undefined;
    this.#total += bytes - before;
    this.#bytes ??= new Map();
    if (bytes === 0) this.#bytes.delete(owner);
    else this.#bytes.set(owner, bytes);
    if (!wasOver) return;
    if (this.#total <= this.#limit) for (const waiting of [...this.#bytes.keys()]) waiting.onWindowFree();
    else if (this.#oldest() !== first) this.#oldest()?.onWindowFree();
  }

  /** Whether the stream of `owner` gets its window back now. */
  mayRelease(owner: IncompleteOwner): boolean {
    return this.#total <= this.#limit || this.#bytes?.has(owner) !== true || this.#oldest() === owner;
  }

  /**
   * How many of `bytes`, which are to come of one message, its stream's window may be opened for before they do: a large
   * message need not wait again and again for what it is given back. All streams together as many as the limit, since
   * what was granted cannot be kept back any more.
   */
  mayOpen(bytes: number): number {
    return Math.max(0, Math.min(bytes, this.#limit - this.#ahead));
  }

  /** Windows were opened ahead for so many bytes; negative: that is over. */
  changeAhead(bytes: number): void {
    this.#ahead += bytes;
  }

  #oldest(): IncompleteOwner | undefined {
    for (const owner of this.#bytes?.keys() ?? []) return owner;
    return undefined;
  }
}
