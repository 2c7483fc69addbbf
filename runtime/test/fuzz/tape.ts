/**
 * An input of a fuzz target: octets that it reads its choices from, one after the other. Any octets are an input, so that
 * whatever a mutation or the minimiser makes of one can be played. Behind the end every choice is the first.
 */
export class Tape {
  /** What became of the input: a hash of all that the code under test was given. Two tapes may say the same. */
  digest = 0x811c9dc5;
  /** Octets that the code under test was given. */
  fedBytes = 0;
  /** What is done, step by step, where a report wants it. */
  words: string[] | undefined;
  #octets: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;

  constructor(octets?: Uint8Array) {
    if (octets !== undefined) this.load(octets, octets.length);
  }

  /** Starts over with octets[0, length). */
  load(octets: Uint8Array, length: number): this {
    this.digest = 0x811c9dc5;
    this.fedBytes = 0;
    this.words = undefined;
    this.#octets = octets;
    this.#at = 0;
    this.#end = length;
    return this;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  /** How many octets were read. */
  get used(): number {
    return this.#at;
  }

  byte(): number {
    return this.#at < this.#end ? (this.#octets[this.#at++] as number) : 0;
  }

  uint16(): number {
    return (this.byte() << 8) | this.byte();
  }

  uint32(): number {
    return this.uint16() * 0x10000 + this.uint16();
  }

  /** An integer in [0, bound), `bound` at most 256. */
  below(bound: number): number {
    return (this.byte() * bound) >>> 8;
  }

  /** True once in `bound` times. */
  oneIn(bound: number): boolean {
    return this.byte() >= 256 - 256 / bound;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** The next octets as they are, fewer at the end. */
  octets(count: number): Uint8Array {
    const start = this.#at;
    this.#at = Math.min(this.#end, start + count);
    return this.#octets.subarray(start, this.#at);
  }

  /** Takes bytes[start, end) into the digest, as a part of what the code under test is given. */
  feed(bytes: Uint8Array, start: number, end: number): void {
    let digest = this.digest;
    for (let i = start; i < end; i++) digest = Math.imul(digest ^ (bytes[i] as number), 0x01000193);
    this.digest = digest ^ (end - start);
    this.fedBytes += end - start;
  }

  /** The same for a number: a command, a size, a place where bytes are cut. */
  feedNumber(value: number): void {
    this.digest = Math.imul(this.digest ^ value, 0x01000193) ^ (this.digest >>> 15);
  }

  /** The same for a text. */
  feedText(text: string): void {
    let digest = this.digest;
    for (let i = 0; i < text.length; i++) digest = Math.imul(digest ^ text.charCodeAt(i), 0x01000193);
    this.digest = digest ^ text.length;
    this.fedBytes += text.length;
  }
}
