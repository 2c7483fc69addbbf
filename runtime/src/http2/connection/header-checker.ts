import type { HeaderBlock } from "../../hpack/header-block.js";
import { checkRegular, contentLengthOf } from "./header-validator.js";

/** Blocks that one checker keeps: those that the calls in flight have in common. */
const knownBlocks = 4;
/** Size of the largest list that is kept, so that a session at rest holds little. */
const maxKnownListBytes = 2048;

/**
 * Checks the header lists of one kind and remembers those that come again: the decoder gives equal blocks, and equal
 * beginnings of blocks, out as the same instance, and what was once found valid is valid.
 */
export class HeaderChecker {
  /** Content-length of the block that was checked last: -1 when absent, undefined when malformed. */
  contentLength: number | undefined = -1;

  readonly #check: (block: HeaderBlock) => string | undefined;
  /** Blocks that are valid, each in itself, and have no content-length. */
  readonly #known: (HeaderBlock | undefined)[] = new Array<HeaderBlock | undefined>(knownBlocks).fill(undefined);
  #next = 0;

  /** `check` gives what is wrong with a whole block of the kind.  */
  constructor(check: (block: HeaderBlock) => string | undefined) {
    this.#check = check;
  }

  /** What is wrong with the block, in one sentence; sets contentLength when nothing is. */
  check(block: HeaderBlock): string | undefined {
    this.contentLength = -1;
    if (this.#isKnown(block)) return undefined;
    const { prefix } = block;
    if (prefix === undefined) return this.#learn(block);
    if (!this.#isKnown(prefix) && (this.#learn(prefix) !== undefined || this.contentLength !== -1)) {
      return this.#checkWhole(block);
    }
    // The beginning may be right in itself and not all of the pseudo-header fields: :authority may be among the rest.
    if (checkRegular(block.fields, 0) !== undefined) return this.#checkWhole(block);
    this.contentLength = contentLengthOf(block);
    return undefined;
  }

  #isKnown(block: HeaderBlock): boolean {
    const known = this.#known;
    for (let i = 0; i < knownBlocks; i++) if (known[i] === block) return true;
    return false;
  }

  #learn(block: HeaderBlock): string | undefined {
    const problem = this.#checkWhole(block);
    if (problem !== undefined || this.contentLength !== -1 || block.listBytes > maxKnownListBytes) return problem;
    this.#known[this.#next] = block;
    this.#next = (this.#next + 1) % knownBlocks;
    return undefined;
  }

  #checkWhole(block: HeaderBlock): string | undefined {
    const problem = this.#check(block);
    if (problem === undefined) this.contentLength = contentLengthOf(block);
    return problem;
  }
}
