/** A small generator of numbers in [0, 1) that a seed determines: the state goes through a multiply and two shifts. */
export class SeededRandom {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed | 0;
  }

  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** Octets as text. */
  text(length: number, alphabet?: string): string {
    let text = "";
    for (let i = 0; i < length; i++) {
      text += alphabet === undefined ? String.fromCharCode(this.below(256)) : alphabet[this.below(alphabet.length)];
    }
    return text;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.alloc(length);
    for (let i = 0; i < length; i++) bytes[i] = this.below(256);
    return bytes;
  }
}

/** Runs `body` with `count` seeds; a failure names its seed. */
export function forSeeds(count: number, body: (random: SeededRandom) => void): void {
  for (let seed = 1; seed <= count; seed++) {
    try {
      body(new SeededRandom(seed));
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}
