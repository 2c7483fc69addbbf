/** Long chunks are hashed at both ends: what is between them is compared elsewhere, byte by byte. */
const edgeBytes = 64;

/** A running hash of everything that happened, in two lanes of 32 bits: equal seeds give equal hashes, on every machine. */
export class TraceHash {
  #a = 0x811c9dc5 | 0;
  #b = 0x2545f491 | 0;

  add(value: number): void {
    this.#a = Math.imul(this.#a ^ value, 0x01000193) ^ (this.#b >>> 15);
    this.#b = Math.imul(this.#b + (this.#a >>> 7) + value, 0x9e3779b1) ^ (this.#b >>> 13);
  }

  /** A time in milliseconds; what is below a thousandth does not count. */
  addMillis(ms: number): void {
    const micros = Math.round(ms * 1000);
    this.add(micros | 0);
    this.add((micros / 2 ** 32) | 0);
  }

  addText(text: string): void {
    this.add(text.length);
    for (let i = 0; i < text.length; i++) this.add(text.charCodeAt(i));
  }

  addBytes(bytes: Uint8Array): void {
    const size = bytes.length;
    this.add(size);
    const head = Math.min(size, edgeBytes);
    for (let i = 0; i < head; i++) this.add(bytes[i] as number);
    for (let i = Math.max(head, size - edgeBytes); i < size; i++) this.add(bytes[i] as number);
  }

  toString(): string {
    const hex = (lane: number) => (lane >>> 0).toString(16).padStart(8, "0");
    return hex(this.#a) + hex(this.#b);
  }
}
