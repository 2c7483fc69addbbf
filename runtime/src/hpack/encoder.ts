import { entryOverheadBytes } from "./dynamic-table.js";
import { EncodedBlockCache } from "./encoded-block-cache.js";
import { EncoderTable, type KnownName } from "./encoder-table.js";
import type { HeaderBlock } from "./header-block.js";
import { writeInteger } from "./integer.js";
import { writeString } from "./string-literal.js";

/** Names whose values are secrets; a value is then never kept in a table or a cache on the way (RFC 7541 §7.1.3). */
export const defaultNeverIndexed: ReadonlySet<string> = new Set([
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
]);

/** Largest dynamic table that the encoder uses, whatever the peer offers; also where it starts (RFC 9113 §6.5.2). */
export const maxEncoderTableBytes = 4096;

/** Octets of one dynamic table size update of at most maxEncoderTableBytes; a block begins with two at most. */
const tableSizeUpdateOctets = 3;

/** A field larger than this part of the table is not worth what it would evict. */
const maxEntryFraction = 1 / 2;

/**
 * An insertion that evicts costs what this many encoded blocks have saved up, so that a working set larger than the table does
 * not turn it over, and every cached block with it, again and again.
 */
const blocksPerEviction = 64;
const maxEvictionBudget = 32 * blocksPerEviction;

/** First octet and prefix mask of each representation (RFC 7541 §6). */
const indexedFlag = 0x80;
const indexedMask = 0x7f;
const incrementalFlag = 0x40;
const incrementalMask = 0x3f;
const sizeUpdateFlag = 0x20;
const sizeUpdateMask = 0x1f;
const neverIndexedFlag = 0x10;
const withoutIndexingFlag = 0x00;
const literalMask = 0x0f;

/**
 * Writes header blocks for one direction of a connection (RFC 7541). Blocks must reach the peer in the order in which
 * they were encoded.
 *
 * Fields of a block's prefix, and of a block that comes repeatedly, are meant to come again and enter the dynamic table
 * at once; then their finished bytes are copied while the table does not change. Of the fields that vary, a name goes
 * into the table with its first value and a further value only when it comes twice in a row: a timeout or a trace id
 * that differs with each call does not churn the table. A prefix with a never-indexed field is encoded anew each time;
 * such a field belongs behind the prefix.
 */
export class HpackEncoder {
  readonly #table: EncoderTable;
  #cache: EncodedBlockCache | undefined;
  /** Smallest and last table size that the peer allowed since the last block (RFC 7541 §4.2). */
  #smallestOffered = maxEncoderTableBytes;
  #offered = maxEncoderTableBytes;
  #evictionBudget = maxEvictionBudget;
  /** Whether a never-indexed field was written since this was last set to false. */
  #wroteSecret = false;

  constructor(options?: {
    /** Names, in lower case, of fields that are always sent as never-indexed literals (RFC 7541 §6.2.3). */
    readonly neverIndexed?: ReadonlySet<string>;
  }) {
    this.#table = new EncoderTable(maxEncoderTableBytes, options?.neverIndexed ?? defaultNeverIndexed);
  }

  /** Bytes held by the dynamic table, in the sense of RFC 7541 §4.1. */
  get tableBytes(): number {
    return this.#table.dynamic.bytes;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. What is used is at most maxEncoderTableBytes; the next block says so. */
  setMaxTableSize(bytes: number): void {
    const offered = Math.min(bytes, maxEncoderTableBytes);
    this.#offered = offered;
    this.#smallestOffered = Math.min(this.#smallestOffered, offered);
  }

  /** Gives back what can be found out again: all but the dynamic table, which the peer has too. */
  rest(): void {
    this.#cache = undefined;
    this.#table.rest();
  }

  /** Upper bound of the octets that the next encode(block) writes. */
  maxEncodedBytes(block: HeaderBlock): number {
    // For each field 32 bytes are more than an octet of representation and two lengths of at most five octets.
    return block.listBytes + 2 * tableSizeUpdateOctets;
  }

  /** Writes the block at out[offset...], which has room for maxEncodedBytes(block), and returns the end offset. */
  encode(block: HeaderBlock, out: Buffer, offset: number): number {
    const start = this.#writeSizeUpdates(out, offset);
    if (this.#evictionBudget < maxEvictionBudget) this.#evictionBudget++;
    const prefix = block.prefix;
    const shared = prefix ?? block;
    this.#cache ??= new EncodedBlockCache();
    const cached = this.#cache.get(shared);
    let at: number;
    if (cached !== undefined && cached.epoch === this.#table.dynamic.epoch) at = copyBytes(cached.bytes, out, start);
    else if (prefix !== undefined || cached !== undefined) at = this.#encodeShared(shared, out, start);
    else return this.#encodeOnce(block, out, start);
    return prefix === undefined ? at : this.#encodeFields(block, out, at, false);
  }

  /** A block that comes again and again; its bytes are kept once it is encoded without a change to the table. */
  #encodeShared(block: HeaderBlock, out: Buffer, offset: number): number {
    const epoch = this.#table.dynamic.epoch;
    this.#wroteSecret = false;
    const at = this.#encodeLayers(block, out, offset);
    if (!this.#wroteSecret && this.#table.dynamic.epoch === epoch) this.#cache?.set(block, out, offset, at, epoch);
    return at;
  }

  #encodeLayers(block: HeaderBlock, out: Buffer, offset: number): number {
    const at = block.prefix === undefined ? offset : this.#encodeLayers(block.prefix, out, offset);
    return this.#encodeFields(block, out, at, true);
  }

  /** A block without a prefix: made for one call, or a constant that will prove it by coming again. */
  #encodeOnce(block: HeaderBlock, out: Buffer, offset: number): number {
    const epoch = this.#table.dynamic.epoch;
    this.#wroteSecret = false;
    const at = this.#encodeFields(block, out, offset, false);
    if (this.#wroteSecret || this.#cache?.isRepeated(block) !== true) return at;
    if (this.#table.dynamic.epoch === epoch) this.#cache.set(block, out, offset, at, epoch);
    return at;
  }

  #encodeFields({ fields, secrets }: HeaderBlock, out: Buffer, offset: number, shared: boolean): number {
    let at = offset;
    for (let i = 0; i + 1 < fields.length; i += 2) {
      const name = fields[i] as string;
      const value = fields[i + 1] as string;
      if (secrets?.has(name) === true) at = this.#encodeSecret(name, value, out, at);
      else at = this.#encodeField(name, value, out, at, shared);
    }
    return at;
  }

  #encodeSecret(name: string, value: string, out: Buffer, offset: number): number {
    const known = this.#table.find(name);
    const nameIndex = known === undefined ? 0 : this.#table.nameIndex(known);
    this.#wroteSecret = true;
    let at = writeInteger(out, offset, neverIndexedFlag, literalMask, nameIndex);
    if (nameIndex === 0) at = writeString(out, at, name);
    return writeString(out, at, value);
  }

  #encodeField(name: string, value: string, out: Buffer, offset: number, shared: boolean): number {
    const table = this.#table;
    const known = table.find(name);
    if (known?.neverIndexed === true) return this.#encodeSecret(name, value, out, offset);
    const nameIndex = known === undefined ? 0 : table.nameIndex(known);
    const index = known === undefined ? 0 : table.fieldIndex(known, value);
    if (index !== 0) return writeInteger(out, offset, indexedFlag, indexedMask, index);
    let at: number;
    if (this.#takesEntry(known, name, value, shared)) {
      at = writeInteger(out, offset, incrementalFlag, incrementalMask, nameIndex);
      // The indices of this field are written: the table may change. RFC 7541 §4.4 has the decoder do the same.
      table.insert(name, value);
    } else {
      at = writeInteger(out, offset, withoutIndexingFlag, literalMask, nameIndex);
    }
    if (nameIndex === 0) at = writeString(out, at, name);
    return writeString(out, at, value);
  }

  /** Whether a field that is in neither table goes into the dynamic one. */
  #takesEntry(known: KnownName | undefined, name: string, value: string, shared: boolean): boolean {
    const table = this.#table.dynamic;
    const entryBytes = name.length + value.length + entryOverheadBytes;
    if (entryBytes > table.maxBytes * maxEntryFraction) return false;
    if (known !== undefined && !shared) {
      const isNew = known.lastMissed !== undefined && known.lastMissed !== value;
      known.lastMissed = value;
      if (isNew) return false;
    }
    if (entryBytes <= table.freeBytes) return true;
    if (this.#evictionBudget < blocksPerEviction) return false;
    this.#evictionBudget -= blocksPerEviction;
    return true;
  }

  /**
   * RFC 7541 §4.2: first the smallest size since the last block, where that is smaller, then the size that holds now. Of two
   * the first is 0: an encoder may always use less, and Go's decoder takes a second only when its table is empty.
   */
  #writeSizeUpdates(out: Buffer, offset: number): number {
    const smallest = this.#smallestOffered;
    let at = offset;
    if (smallest < this.#table.dynamic.maxBytes) at = this.#resize(smallest === this.#offered ? smallest : 0, out, at);
    if (this.#offered !== this.#table.dynamic.maxBytes) at = this.#resize(this.#offered, out, at);
    this.#smallestOffered = this.#offered;
    return at;
  }

  #resize(bytes: number, out: Buffer, offset: number): number {
    this.#table.dynamic.resize(bytes);
    return writeInteger(out, offset, sizeUpdateFlag, sizeUpdateMask, bytes);
  }
}

/** Below this many octets a loop is faster than a call into the runtime. */
const shortCopy = 32;

function copyBytes(bytes: Uint8Array, out: Buffer, offset: number): number {
  const size = bytes.length;
  if (size > shortCopy) out.set(bytes, offset);
  else for (let i = 0; i < size; i++) out[offset + i] = bytes[i] as number;
  return offset + size;
}
