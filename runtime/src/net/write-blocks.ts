/**
 * Memory in which many chunks are gathered that are to be written at once. TLS sockets need it: Node's copies what comes
 * in several chunks into new memory with each write, and large memory that is new again and again costs more than the
 * copying. The blocks are the process's, since a connection that is idle is to hold none.
 */

/** Less is left to Node: a block for each of many connections that write a little would be more memory than it is worth. */
const minGatheredBytes = 16 * 1024;
/** Sizes are powers of two, so that a block is at least half full: this is the smallest and the largest. */
const minBlockBits = 15;
const maxBlockBits = 19;
/** Free blocks that are kept, in bytes: what a handful of connections have under way when they are busy. */
const maxFreeBytes = 2 * 1024 * 1024;

export class WriteBlocks {
  readonly #free: Buffer[][] = Array.from({ length: maxBlockBits - minBlockBits + 1 }, () => []);
  #freeBytes = 0;

  /** A copy of the chunks in one block, to be given back whole when it has been written; undefined where that is not worth it. */
  gather(chunks: readonly Uint8Array[]): { readonly block: Buffer; readonly byteLength: number } | undefined {
    if (chunks.length < 2) return undefined;
    let byteLength = 0;
    for (const chunk of chunks) byteLength += chunk.length;
    if (byteLength < minGatheredBytes || byteLength > 1 << maxBlockBits) return undefined;
    const block = this.#take(Math.max(minBlockBits, 32 - Math.clz32(byteLength - 1)));
    let at = 0;
    for (const chunk of chunks) {
      block.set(chunk, at);
      at += chunk.length;
    }
    return { block, byteLength };
  }

  giveBack(block: Buffer): void {
    if (this.#freeBytes + block.length > maxFreeBytes) return;
    this.#freeBytes += block.length;
    this.#free[31 - Math.clz32(block.length) - minBlockBits]?.push(block);
  }

  /** Memory of the blocks that are free, in bytes. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  #take(bits: number): Buffer {
    const block = this.#free[bits - minBlockBits]?.pop();
    if (block === undefined) return Buffer.allocUnsafeSlow(1 << bits);
    this.#freeBytes -= block.length;
    return block;
  }
}
