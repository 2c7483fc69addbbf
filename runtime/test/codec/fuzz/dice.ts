import { RandomOctets } from "../../fuzz/random-octets.js";

/** Random numbers that a seed determines, in the forms that messages want. */
export class Dice {
  readonly #octets: RandomOctets;

  constructor(seed: number) {
    this.#octets = new RandomOctets(seed);
  }

  /** 32 bits, unsigned. */
  word(): number {
    return this.#octets.word() >>> 0;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return this.#octets.below(bound);
  }

  /** True once in `count` times. */
  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** 64 bits, unsigned. */
  long(): bigint {
    return (BigInt(this.word()) << 32n) | BigInt(this.word());
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    this.#octets.fill(bytes, 0, length);
    return bytes;
  }
}
