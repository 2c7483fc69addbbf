import type { HeaderBlock } from "./header-block.js";

/** Blocks whose bytes one encoder keeps: (channel, method) pairs of a client, constant blocks of a server. */
const maxBlocks = 128;
/** Longest encoding that is kept. A block of indexed fields takes an octet or two for each. */
const maxBlockOctets = 512;
/** Blocks without a prefix of which the encoder remembers that it saw them once. */
const rememberedBlocks = 4;

/** The finished bytes of a block, right as long as the dynamic table is at `epoch`. */
export interface EncodedBlock {
  readonly bytes: Uint8Array;
  readonly epoch: number;
}

/** Finished bytes by identity of the block: an immutable block that comes again is copied, not encoded. */
export class EncodedBlockCache {
  readonly #blocks = new Map<HeaderBlock, EncodedBlock>();
  readonly #seen: (HeaderBlock | undefined)[] = new Array<HeaderBlock | undefined>(rememberedBlocks).fill(undefined);
  #nextSeen = 0;

  get(block: HeaderBlock): EncodedBlock | undefined {
    return this.#blocks.get(block);
  }

  /** Keeps a copy of bytes[start, end). The block that came first gives way when there are too many. */
  set(block: HeaderBlock, bytes: Uint8Array, start: number, end: number, epoch: number): void {
    if (end - start > maxBlockOctets) return;
    if (this.#blocks.size >= maxBlocks && !this.#blocks.has(block)) {
      for (const oldest of this.#blocks.keys()) {
        this.#blocks.delete(oldest);
        break;
      }
    }
    const copy = new Uint8Array(end - start);
    for (let i = start; i < end; i++) copy[i - start] = bytes[i] as number;
    this.#blocks.set(block, { bytes: copy, epoch });
  }

  /**
   * Whether this very block was encoded shortly before. Most blocks are made for one call and never come again: nothing
   * is kept of a block but its identity until it comes a second time.
   */
  isRepeated(block: HeaderBlock): boolean {
    const seen = this.#seen;
    for (let i = 0; i < rememberedBlocks; i++) if (seen[i] === block) return true;
    seen[this.#nextSeen] = block;
    this.#nextSeen = (this.#nextSeen + 1) % rememberedBlocks;
    return false;
  }
}
