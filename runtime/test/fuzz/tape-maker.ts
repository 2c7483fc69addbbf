import type { RandomOctets } from "./random-octets.js";

/** Longest input, in octets. Short inputs are fast, and what needs more than this to go wrong the simulator finds. */
export const maxTapeOctets = 768;

/** Lengths of fresh inputs: mostly short. */
const freshLengths = [16, 40, 64, 160, 300, 600];
/** Octets at which parsers change their mind. */
const telling = [0x00, 0x01, 0x7f, 0x80, 0xff, 0x1f, 0x20, 0x3f, 0x40, 0x0f, 0x10, 0x25, 0x2c];

/** Makes inputs: fresh ones, and mutants of those that led to new branches. */
export class TapeMaker {
  readonly #random: RandomOctets;
  readonly #kept: Uint8Array[] = [];

  constructor(random: RandomOctets) {
    this.#random = random;
  }

  /** How many inputs are kept to be mutated. */
  get size(): number {
    return this.#kept.length;
  }

  /** The inputs that are kept, in the order in which they were found. */
  get kept(): readonly Uint8Array[] {
    return this.#kept;
  }

  /** Takes the octets over. */
  keep(tape: Uint8Array): void {
    this.#kept.push(tape);
  }

  /** Writes an input into `out`, which has room for maxTapeOctets; returns its length. */
  make(out: Uint8Array): number {
    const random = this.#random;
    if (this.#kept.length === 0 || random.below(3) === 0) return this.#fresh(out);
    const parent = this.#pick();
    out.set(parent);
    let length = parent.length;
    for (let times = 1 + random.below(4); times > 0; times--) length = this.#mutate(out, length);
    return length;
  }

  /** The newest are tried more often: what lies behind them is least known. */
  #pick(): Uint8Array {
    const random = this.#random;
    const count = this.#kept.length;
    const recent = Math.min(count, 32);
    const index = random.below(2) === 0 ? count - 1 - random.below(recent) : random.below(count);
    return this.#kept[index] as Uint8Array;
  }

  #fresh(out: Uint8Array): number {
    const random = this.#random;
    const length = 4 + random.below(freshLengths[random.below(freshLengths.length)] as number);
    random.fill(out, 0, length);
    return length;
  }

  #mutate(out: Uint8Array, length: number): number {
    const random = this.#random;
    const at = random.below(length + 1);
    switch (random.below(8)) {
      case 0:
      case 1:
        out[Math.min(at, length - 1)] = random.word();
        return length;
      case 2:
        if (at < length) out[at] = (out[at] as number) ^ (1 << random.below(8));
        return length;
      case 3:
        if (at < length) out[at] = telling[random.below(telling.length)] as number;
        return length;
      case 4:
        return this.#remove(out, length, at);
      case 5:
        return this.#insertFresh(out, length, at);
      case 6:
        return this.#repeat(out, length, at);
      default:
        return this.#splice(out, at);
    }
  }

  #remove(out: Uint8Array, length: number, at: number): number {
    const count = Math.min(length - at, 1 + this.#random.below(12));
    if (count >= length) return length;
    out.copyWithin(at, at + count, length);
    return length - count;
  }

  #insertFresh(out: Uint8Array, length: number, at: number): number {
    const count = Math.min(maxTapeOctets - length, 1 + this.#random.below(12));
    out.copyWithin(at + count, at, length);
    this.#random.fill(out, at, at + count);
    return length + count;
  }

  /** A stretch once more, right behind itself: what is harmless once may not be so twice. */
  #repeat(out: Uint8Array, length: number, at: number): number {
    const count = Math.min(maxTapeOctets - length, length - at, 1 + this.#random.below(24));
    out.copyWithin(at + count, at, length);
    return length + count;
  }

  /** The beginning of one input, the end of another. */
  #splice(out: Uint8Array, at: number): number {
    const other = this.#pick();
    const from = this.#random.below(other.length);
    const count = Math.min(maxTapeOctets - at, other.length - from);
    out.set(other.subarray(from, from + count), at);
    return Math.max(1, at + count);
  }
}
