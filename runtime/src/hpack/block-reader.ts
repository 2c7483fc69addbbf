import { DynamicTable, entryOverheadBytes } from "./dynamic-table.js";
import type { CachedBlock } from "./header-block-cache.js";
import { readInteger } from "./integer.js";
import { OctetReader } from "./octet-reader.js";
import { sharedName, sharedValue } from "./shared-texts.js";
import { staticNames, staticTableLength, staticValues } from "./static-table.js";
import { readString } from "./string-literal.js";

/** A block over its limit is decoded on, to keep the table right, until it is this many times over. */
const hardLimitFactor = 4;
/** The table's size before any SETTINGS (RFC 9113 §6.5.2). */
const initialTableBytes = 4096;
/** Table size updates at the beginning of a block: the smallest size between two blocks and the last (RFC 7541 §4.2). */
const maxTableSizeUpdates = 2;

const noFields: string[] = [];
/** One for all decoders: a block is read to its end at once, and the reader let go of. */
const reader = new OctetReader();

/** Reads the representations of RFC 7541 §6, one block after the other, against the table and the limits. */
export class BlockReader {
  readonly table = new DynamicTable(initialTableBytes);
  listBytes = 0;
  fieldCount = 0;
  /** The block is over a limit: it is read on, but nothing is kept of it. */
  isTooLarge = false;
  /** The block has a never-indexed literal, which nobody may keep beyond its call (RFC 7541 §7.1.3). */
  hasSecret = false;
  #fields: string[] = noFields;
  /** The limit for table size updates that is in force. */
  #maxTableBytes: number;
  #isUpdateDue = false;

  constructor(
    private readonly announcedTableBytes: number,
    private readonly maxListBytes: number,
    private readonly maxFields: number,
  ) {
    this.#maxTableBytes = Math.max(announcedTableBytes, initialTableBytes);
  }

  /** A table announced smaller than 4096 bytes holds from the acknowledgement on (RFC 9113 §4.3.1). */
  settingsAcknowledged(): void {
    this.#maxTableBytes = this.announcedTableBytes;
    this.#isUpdateDue = this.table.maxBytes > this.announcedTableBytes;
  }

  /** Whether the next block must begin with a table size update, so that its octets alone do not say if it is right. */
  get isUpdateDue(): boolean {
    return this.#isUpdateDue;
  }

  /** Starts on the block bytes[start, end). */
  begin(bytes: Uint8Array, start: number, end: number): void {
    reader.reset(bytes, start, end);
    this.#fields = noFields;
    this.fieldCount = 0;
    this.listBytes = 0;
    this.isTooLarge = false;
    this.hasSecret = false;
  }

  /** Goes past the known beginning of the block, whose fields count, and belong to what is read if `taken`. */
  skip(head: CachedBlock, taken: boolean): void {
    reader.position += head.bytes.length;
    this.fieldCount = head.fieldCount;
    this.listBytes = head.listBytes;
    if (taken) this.#fields = head.result.block.fields.slice();
  }

  /** Reads to the end of the block and lets go of its octets. Returns what is wrong with it, if anything. */
  read(): string | undefined {
    const { bytes, end } = reader;
    if (this.#readSizeUpdates()) while (reader.position < end && this.#readField(bytes[reader.position] as number));
    reader.release();
    return reader.fault;
  }

  /** Gives away what was read: name at even, value at odd index; empty when the block is too large. */
  takeFields(): string[] {
    const fields = this.#fields;
    this.#fields = noFields;
    return fields;
  }

  /** What is over which limit, for a block that is too large. */
  describeExcess(): string {
    if (this.fieldCount > this.maxFields) return `header list has ${this.fieldCount} fields, limit ${this.maxFields}`;
    return `header list is ${this.listBytes} bytes, limit ${this.maxListBytes}`;
  }

  #readSizeUpdates(): boolean {
    let updates = 0;
    while (reader.position < reader.end && isSizeUpdate(reader.bytes[reader.position] as number)) {
      if (this.fieldCount > 0) return this.#failLateUpdate();
      if (++updates > maxTableSizeUpdates) {
        return this.#fail(`header block begins with more than ${maxTableSizeUpdates} HPACK table size updates`);
      }
      const bytes = readInteger(reader, 0x1f);
      if (bytes < 0) return false;
      if (bytes > this.#maxTableBytes) {
        return this.#fail(`HPACK table size update is ${bytes} bytes, limit ${this.#maxTableBytes}`);
      }
      this.table.resize(bytes);
      this.#isUpdateDue = false;
    }
    if (!this.#isUpdateDue) return true;
    const most = this.#maxTableBytes;
    return this.#fail(
      `header block begins without the HPACK table size update to at most ${most} bytes that SETTINGS asked for`,
    );
  }

  #readField(first: number): boolean {
    if (first >= 0x80) return this.#readIndexed();
    if (isSizeUpdate(first)) return this.#failLateUpdate();
    const isIncremental = first >= 0x40;
    const index = readInteger(reader, isIncremental ? 0x3f : 0x0f);
    if (index < 0) return false;
    const name =
      index === 0 ? readString(reader, this.#room(0)) : this.#isIndex(index) ? this.#nameAt(index) : undefined;
    if (name === undefined) return false;
    const value = readString(reader, this.#room(name.length));
    if (value === undefined) return false;
    if (isIncremental) return this.#insert(sharedName(name), value);
    if (first >= 0x10) this.hasSecret = true;
    return this.#take(name, value);
  }

  #insert(name: string, value: string): boolean {
    const shared = sharedValue(name, value);
    this.table.insert(name, shared);
    return this.#take(name, shared);
  }

  #readIndexed(): boolean {
    const index = readInteger(reader, 0x7f);
    if (index < 0 || !this.#isIndex(index)) return false;
    const inDynamic = index - staticTableLength;
    return inDynamic > 0
      ? this.#take(this.table.nameAt(inDynamic), this.table.valueAt(inDynamic))
      : this.#take(staticNames[index] as string, staticValues[index] as string);
  }

  #isIndex(index: number): boolean {
    const last = staticTableLength + this.table.length;
    return (index > 0 && index <= last) || this.#fail(`HPACK index is ${index}, expected 1 to ${last}`);
  }

  #nameAt(index: number): string {
    return index > staticTableLength ? this.table.nameAt(index - staticTableLength) : (staticNames[index] as string);
  }

  /** Bytes that a string may have, next to a name of `nameBytes`, before the block is beyond even the hard limit. */
  #room(nameBytes: number): number {
    const used = this.listBytes + entryOverheadBytes + nameBytes;
    return Math.max(0, this.maxListBytes * hardLimitFactor - used);
  }

  #take(name: string, value: string): boolean {
    this.fieldCount++;
    this.listBytes += name.length + value.length + entryOverheadBytes;
    if (this.listBytes > this.maxListBytes || this.fieldCount > this.maxFields) return this.#takeNot();
    // An array that grows takes room for sixteen more; of a block that begins as one before, often one field is left.
    if (this.#fields.length === 0) this.#fields = [name, value];
    else this.#fields.push(name, value);
    return true;
  }

  #takeNot(): boolean {
    this.isTooLarge = true;
    this.#fields = noFields;
    const maxBytes = this.maxListBytes * hardLimitFactor;
    const maxFields = this.maxFields * hardLimitFactor;
    if (this.listBytes > maxBytes) {
      return this.#fail(`header list is over ${maxBytes} bytes, ${hardLimitFactor} times the limit`);
    }
    if (this.fieldCount > maxFields) {
      return this.#fail(`header list has over ${maxFields} fields, ${hardLimitFactor} times the limit`);
    }
    return true;
  }

  #failLateUpdate(): boolean {
    const at = reader.position - reader.start;
    return this.#fail(`HPACK table size update at octet ${at} follows a header field`);
  }

  #fail(fault: string): false {
    reader.fail(fault);
    return false;
  }
}

/** The pattern 001xxxxx (RFC 7541 §6.3). */
function isSizeUpdate(first: number): boolean {
  return (first & 0xe0) === 0x20;
}
