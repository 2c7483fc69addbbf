/**
 * How many different inputs there were, at least: one bit for each value of a hash. Two inputs with one hash count once,
 * so the count is a lower bound, about 2 % too low for ten million inputs and 2^28 bits.
 */
export class DistinctCount {
  count = 0;
  readonly #bits: Uint32Array;
  readonly #mask: number;

  /** @param logBits Of the number of bits; 28 take 32 MiB. */
  constructor(logBits: number) {
    this.#bits = new Uint32Array(2 ** (logBits - 5));
    this.#mask = 2 ** logBits - 1;
  }

  /** @param hash 32 bits. */
  add(hash: number): void {
    // Neighbouring hashes must not be neighbouring bits, or the low bits alone would count.
    let mixed = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
    const bit = (mixed ^ (mixed >>> 16)) & this.#mask;
    const word = bit >>> 5;
    const flag = 1 << (bit & 31);
    const before = this.#bits[word] as number;
    if ((before & flag) !== 0) return;
    this.#bits[word] = before | flag;
    this.count += 1;
  }
}
