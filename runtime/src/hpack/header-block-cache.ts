import type { HeaderBlock } from "./header-block.js";

/**
 * A header block that was decoded before, and its octets. It was within the limits, did not change the table, and has
 * no never-indexed field.
 */
export interface CachedBlock {
  readonly bytes: Uint8Array;
  /** What the decoder answers when this is the whole block. */
  readonly result: { readonly kind: "ok"; readonly block: HeaderBlock };
  readonly listBytes: number;
  readonly fieldCount: number;
}

/** Blocks that one decoder keeps: what the calls in flight have in common, not what was ever seen. */
const slots = 32;
/** Longest block that is kept: one of a peer that does not index `:path` fits. */
const maxBlockOctets = 256;
/** Prints of blocks that were seen once. */
const doorSlots = 64;

/**
 * Decoded blocks by their octets, valid for one epoch of the dynamic table. A block is kept only when it comes a second
 * time: a connection whose blocks all differ pays for fingerprints and no copy. One place for each fingerprint, so
 * that a peer that makes them collide only loses its own speed. Retained: at most 32 blocks of 256 octets that name
 * nothing but literals of their own and entries of the present table.
 */
export class HeaderBlockCache {
  #epoch = 0;
  #size = 0;
  readonly #blocks: (CachedBlock | undefined)[] = new Array<CachedBlock | undefined>(slots).fill(undefined);
  readonly #door = new Int32Array(doorSlots);

  /** To be called before each use: blocks of another epoch mean something else now. */
  enter(epoch: number): void {
    if (epoch === this.#epoch) return;
    this.#epoch = epoch;
    if (this.#size === 0) return;
    this.#size = 0;
    this.#blocks.fill(undefined);
  }

  /** @param fingerprint Of bytes[start, end). */
  find(fingerprint: number, bytes: Uint8Array, start: number, end: number): CachedBlock | undefined {
    const cached = this.#blocks[fingerprint & (slots - 1)];
    if (cached === undefined) return undefined;
    const known = cached.bytes;
    const size = end - start;
    if (known.length !== size || known[size - 1] !== bytes[end - 1]) return undefined;
    for (let i = 0; i < size; i++) if (known[i] !== bytes[start + i]) return undefined;
    return cached;
  }

  /**
   * Whether bytes[start, end), which `find` did not find, came before and is to be put in. Looks at every octet: blocks
   * that never come again differ in a few digits of an id, and of such calls the fingerprint alone had two in three copied.
   */
  isRepeated(fingerprint: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start > maxBlockOctets) return false;
    const mark = mix(bytes, start, end, 1) ^ this.#epoch;
    const slot = fingerprint & (doorSlots - 1);
    if (this.#door[slot] === mark) return true;
    this.#door[slot] = mark;
    return false;
  }

  put(fingerprint: number, block: CachedBlock): void {
    const slot = fingerprint & (slots - 1);
    if (this.#blocks[slot] === undefined) this.#size++;
    this.#blocks[slot] = block;
  }
}

/** Octets that a fingerprint looks at. */
const samples = 16;

/** A number that is likely to differ where bytes[start, end) differ, at a cost that does not grow with the block. */
export function fingerprintOf(bytes: Uint8Array, start: number, end: number): number {
  const size = end - start;
  const stride = size <= samples ? 1 : Math.ceil(size / samples);
  return mix(bytes, start, end, stride);
}

function mix(bytes: Uint8Array, start: number, end: number, stride: number): number {
  let mixed = (end - start) ^ ((bytes[end - 1] as number) << 16);
  for (let i = start; i < end; i += stride) mixed = Math.imul(mixed ^ (bytes[i] as number), 0x01000193);
  return mixed ^ (mixed >>> 15);
}
