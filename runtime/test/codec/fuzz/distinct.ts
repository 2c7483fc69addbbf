/** Counts the different inputs, by a hash of 52 bits: of ten million, about one in a hundred runs takes two for one. */
export class Distinct {
  readonly #seen = new Set<number>();

  get count(): number {
    return this.#seen.size;
  }

  add(salt: number, bytes: Uint8Array): void {
    let low = 0x811c9dc5 ^ salt;
    let high = 0x9e3779b9 ^ bytes.length;
    for (let i = 0; i < bytes.length; i++) {
      low = Math.imul(low ^ (bytes[i] as number), 0x01000193);
      high = Math.imul((high << 5) ^ (high >>> 27) ^ low, 0x85ebca6b);
    }
    this.#seen.add((mixed(low) >>> 0) * 2 ** 20 + (mixed(high) >>> 12));
  }
}

function mixed(hash: number): number {
  let value = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  value = Math.imul(value ^ (value >>> 15), 0x846ca68b);
  return value ^ (value >>> 16);
}
