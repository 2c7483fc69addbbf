/**
 * Bytes of one connection that were received and that nobody has asked for yet. Those of each stream keep its own window
 * closed. The connection's window, which all streams share, they hold only above a limit: else a few streams that are
 * read slowly would stop every other call, those among them that their readers wait for (RFC 9113 §5.2.2).
 */
export class UnreadBytes {
  #bytes = 0;
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get total(): number {
    return this.#bytes;
  }

  /** Bytes came, and bytes were read. How many are to be given back to the connection's window. */
  change(received: number, read: number): number {
    const spared = Math.min(this.#bytes, this.#limit);
    this.#bytes += received - read;
    return read + Math.min(this.#bytes, this.#limit) - spared;
  }
}
