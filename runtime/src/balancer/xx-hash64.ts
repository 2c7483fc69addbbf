/**
 * XXH64, 64 bits of hash that are the same in every gRPC client (xxHash's specification, doc/xxhash_spec.md), in
 * arithmetic of 32 bits: with a BigInt for each step a hash takes three times as long.
 */

/** An unsigned number of 64 bits in two halves of 32. */
export interface Hash64 {
  readonly high: number;
  readonly low: number;
}

/** Below 0, 0 or above 0, as for sorting. */
export function compareHash64(a: Hash64, b: Hash64): number {
  return a.high - b.high || a.low - b.low;
}

/** As xxHash writes it: sixteen hexadecimal digits. */
export function formatHash64({ high, low }: Hash64): string {
  return high.toString(16).padStart(8, "0") + low.toString(16).padStart(8, "0");
}

const zero: Hash64 = Object.freeze({ high: 0, low: 0 });

const prime1: Hash64 = { high: 0x9e3779b1, low: 0x85ebca87 };
const prime2: Hash64 = { high: 0xc2b2ae3d, low: 0x27d4eb4f };
const prime3: Hash64 = { high: 0x165667b1, low: 0x9e3779f9 };
const prime4: Hash64 = { high: 0x85ebca77, low: 0xc2b2ae63 };
const prime5: Hash64 = { high: 0x27d4eb2f, low: 0x165667c5 };

/** Hash of `bytes`; one of a text is one of its UTF-8. */
export function xxHash64(bytes: Uint8Array, seed: Hash64 = zero): Hash64 {
  const hash = new Word64();
  let at = 0;
  if (bytes.length >= stripeBytes) at = mixStripes(hash, bytes, seed);
  else hash.set(seed).add(prime5);
  hash.add({ high: 0, low: bytes.length });
  const lane = new Word64();
  for (; at + 8 <= bytes.length; at += 8) {
    hash.xor(lane.set(zero).round(bytes, at));
    hash.rotateLeft(27).multiply(prime1).add(prime4);
  }
  if (at + 4 <= bytes.length) {
    lane.high = 0;
    lane.low = readUint32(bytes, at);
    hash.xor(lane.multiply(prime1)).rotateLeft(23).multiply(prime2).add(prime3);
    at += 4;
  }
  for (; at < bytes.length; at++) {
    lane.high = 0;
    lane.low = bytes[at] as number;
    hash.xor(lane.multiply(prime5)).rotateLeft(11).multiply(prime1);
  }
  hash.xorShifted(33).multiply(prime2).xorShifted(29).multiply(prime3).xorShifted(32);
  return { high: hash.high >>> 0, low: hash.low >>> 0 };
}

const stripeBytes = 32;

/** Reads whole stripes, four lanes of eight bytes each; returns where the rest begins. */
function mixStripes(hash: Word64, bytes: Uint8Array, seed: Hash64): number {
  const lane1 = new Word64().set(seed).add(prime1).add(prime2);
  const lane2 = new Word64().set(seed).add(prime2);
  const lane3 = new Word64().set(seed);
  const lane4 = new Word64().set(seed).subtract(prime1);
  let at = 0;
  for (; at + stripeBytes <= bytes.length; at += stripeBytes) {
    lane1.round(bytes, at);
    lane2.round(bytes, at + 8);
    lane3.round(bytes, at + 16);
    lane4.round(bytes, at + 24);
  }
  const rotated = new Word64();
  hash.set(rotated.set(lane1).rotateLeft(1));
  hash.add(rotated.set(lane2).rotateLeft(7));
  hash.add(rotated.set(lane3).rotateLeft(12));
  hash.add(rotated.set(lane4).rotateLeft(18));
  for (const lane of [lane1, lane2, lane3, lane4]) {
    lane.multiply(prime2).rotateLeft(31).multiply(prime1);
    hash.xor(lane).multiply(prime1).add(prime4);
  }
  return at;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

/** A number of 64 bits that is worked on in place, modulo 2^64. Its halves may be signed. */
class Word64 {
  high = 0;
  low = 0;

  set({ high, low }: Hash64): this {
    this.high = high;
    this.low = low;
    return this;
  }

  add({ high, low }: Hash64): this {
    const sum = (this.low >>> 0) + (low >>> 0);
    this.low = sum | 0;
    this.high = (this.high + high + (sum > 0xffff_ffff ? 1 : 0)) | 0;
    return this;
  }

  subtract({ high, low }: Hash64): this {
    const difference = (this.low >>> 0) - (low >>> 0);
    this.low = difference | 0;
    this.high = (this.high - high - (difference < 0 ? 1 : 0)) | 0;
    return this;
  }

  multiply({ high, low }: Hash64): this {
    const carried = highOfProduct(this.low, low);
    this.high = (carried + Math.imul(this.high, low) + Math.imul(this.low, high)) | 0;
    this.low = Math.imul(this.low, low);
    return this;
  }

  xor({ high, low }: Hash64): this {
    this.high ^= high;
    this.low ^= low;
    return this;
  }

  /** @param count 1 to 31. */
  rotateLeft(count: number): this {
    const { high, low } = this;
    this.high = (high << count) | (low >>> (32 - count));
    this.low = (low << count) | (high >>> (32 - count));
    return this;
  }

  /** Exclusive or with itself, shifted right. @param count 1 to 63. */
  xorShifted(count: number): this {
    const { high, low } = this;
    if (count < 32) {
      this.high ^= high >>> count;
      this.low ^= (low >>> count) | (high << (32 - count));
    } else this.low ^= high >>> (count - 32);
    return this;
  }

  /** Mixes eight bytes in. */
  round(bytes: Uint8Array, at: number): this {
    scratch.high = readUint32(bytes, at + 4);
    scratch.low = readUint32(bytes, at);
    return this.add(scratch.multiply(prime2)).rotateLeft(31).multiply(prime1);
  }
}

/** Where `round` works; nothing else runs while a hash does. */
const scratch = new Word64();

/** Upper half of the 64 bits of a product of two unsigned numbers. */
function highOfProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // None of the sums reaches 2^32.
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + (middle >>> 16) + (carry >>> 16);
}
