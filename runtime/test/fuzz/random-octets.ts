import { SeededRandom } from "../hpack/random.js";

/** xoshiro128++: 128 bits of state, so that a run of billions of draws does not come round. Only 32-bit operations. */
export class RandomOctets {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number) {
    const words = new SeededRandom(seed);
    const word = () => words.below(2 ** 32) | 0;
    this.#a = word();
    this.#b = word();
    this.#c = word();
    this.#d = word() | 1; // all zeros is the one state that it cannot leave
  }

  /** 32 bits, as a signed integer. */
  word(): number {
    const sum = (this.#a + this.#d) | 0;
    const result = (((sum << 7) | (sum >>> 25)) + this.#a) | 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(((this.word() >>> 0) / 2 ** 32) * bound);
  }

  fill(octets: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; ) {
      let word = this.word();
      for (let left = Math.min(4, end - at); left > 0; left--) {
        octets[at++] = word;
        word >>>= 8;
      }
    }
  }
}
