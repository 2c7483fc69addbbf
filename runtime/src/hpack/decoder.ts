import { BlockReader } from "./block-reader.js";
import { HeaderBlock } from "./header-block.js";
import { type CachedBlock, fingerprintOf, HeaderBlockCache } from "./header-block-cache.js";

export interface HpackDecoderOptions {
  /** Our SETTINGS_HEADER_TABLE_SIZE: bytes that the peer's encoder may have in its dynamic table. Usually 4096. */
  readonly maxTableSize: number;
  /** Limit of name + value + 32 over all fields (RFC 9113 §6.5.2) above which a block is refused. Usually 16 KiB. */
  readonly maxListBytes: number;
  /** Limit of the number of fields, each crumb of a cookie counted (CVE-2026-49975). Usually 128. */
  readonly maxFields: number;
  /**
   * Whether a block that begins with a run of indexed fields that came before has that run as its `prefix`, the same
   * instance each time, so that what was found out about it need not be found out again. Every reader of the results,
   * the validator first of all, must then read the prefix too. Default false: all fields are in `fields`.
   */
  readonly sharePrefixes?: boolean;
}

export type DecodeResult =
  | { readonly kind: "ok"; readonly block: HeaderBlock }
  /**
   * More than we take. The block was decoded to its end and the table is as the peer thinks: refuse the stream, go on
   * with the connection. Above four times a limit it is an error.
   */
  | { readonly kind: "tooLarge"; readonly listBytes: number; readonly fields: number; readonly message: string }
  /** COMPRESSION_ERROR of the connection (RFC 9113 §4.3). Every later block gives the same result. */
  | { readonly kind: "error"; readonly message: string };

/** Fewer indexed fields than this in a row are decoded faster than looked up. */
const minHeadFields = 3;

const emptyResult: DecodeResult = { kind: "ok", block: new HeaderBlock([]) };

/**
 * Reads the header blocks of one direction of a connection (RFC 7541), in the order in which they came.
 *
 * A block that comes again is the same instance again, as long as the table did not change. Of a block that ends in
 * fields that vary, the run of indexed fields at its beginning is known again and not decoded anew.
 */
export class HpackDecoder {
  readonly #reader: BlockReader;
  #cache: HeaderBlockCache | undefined;
  readonly #sharePrefixes: boolean;
  #failure: DecodeResult | undefined = undefined;

  constructor(options: HpackDecoderOptions) {
    this.#reader = new BlockReader(options.maxTableSize, options.maxListBytes, options.maxFields);
    this.#sharePrefixes = options.sharePrefixes ?? false;
  }

  /** Bytes held by the dynamic table, in the sense of RFC 7541 §4.1. */
  get tableBytes(): number {
    return this.#reader.table.bytes;
  }

  /**
   * The peer acknowledged our SETTINGS. A table that we announced smaller than 4096 bytes is the limit from here on, and
   * the next block must say that the peer shrank its own (RFC 9113 §4.3.1). Nothing changes otherwise.
   */
  settingsAcknowledged(): void {
    this.#reader.settingsAcknowledged();
  }

  /** Gives back what can be found out again: all but the dynamic table, which the peer has too. */
  rest(): void {
    this.#cache = undefined;
  }

  /** Decodes bytes[start, end), one complete header block. Never throws, and keeps nothing of `bytes`. */
  decode(bytes: Uint8Array, start: number, end: number): DecodeResult {
    if (this.#failure !== undefined) return this.#failure;
    if (this.#reader.isUpdateDue) return this.#read(bytes, start, end, undefined);
    if (start === end) return emptyResult;

    const epoch = this.#reader.table.epoch;
    this.#cache ??= new HeaderBlockCache();
    const cache = this.#cache;
    cache.enter(epoch);
    const whole = fingerprintOf(bytes, start, end);
    const cached = cache.find(whole, bytes, start, end);
    if (cached !== undefined) return cached.result;

    const headEnd = endOfIndexedRun(bytes, start, end);
    const hasHead = headEnd - start >= minHeadFields && headEnd < end;
    const headPrint = hasHead ? fingerprintOf(bytes, start, headEnd) : 0;
    const head = hasHead ? cache.find(headPrint, bytes, start, headEnd) : undefined;
    const result = this.#read(bytes, start, end, head);
    if (result.kind === "ok" && this.#reader.table.epoch === epoch) {
      // What the block says depends on its octets and the table, which is as it was: it will say the same again.
      if (!this.#reader.hasSecret && cache.isRepeated(whole, bytes, start, end)) {
        const { fieldCount, listBytes } = this.#reader;
        cache.put(whole, { bytes: copyOf(bytes, start, end), result, fieldCount, listBytes });
      }
      if (hasHead && head === undefined && cache.isRepeated(headPrint, bytes, start, headEnd)) {
        cache.put(headPrint, headOf(result.block, copyOf(bytes, start, headEnd)));
      }
    }
    return result;
  }

  #read(bytes: Uint8Array, start: number, end: number, head: CachedBlock | undefined): DecodeResult {
    const reader = this.#reader;
    const prefix = this.#sharePrefixes ? head?.result.block : undefined;
    reader.begin(bytes, start, end);
    if (head !== undefined) reader.skip(head, prefix === undefined);
    const fault = reader.read();
    const fields = reader.takeFields();
    if (fault !== undefined) {
      this.#failure = { kind: "error", message: fault };
      return this.#failure;
    }
    if (reader.isTooLarge) {
      const { listBytes, fieldCount } = reader;
      return { kind: "tooLarge", listBytes, fields: fieldCount, message: reader.describeExcess() };
    }
    return { kind: "ok", block: new HeaderBlock(fields, prefix) };
  }
}

/** Where the run of indexed fields of one octet each ends that the block begins with. */
function endOfIndexedRun(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] as number) >= 0x80 && bytes[at] !== 0xff) at++;
  return at;
}

/** The first fields of a block that begins with as many indexed fields as `bytes` has octets. */
function headOf(block: HeaderBlock, bytes: Uint8Array): CachedBlock {
  const head = new HeaderBlock(block.fields.slice(0, 2 * bytes.length));
  return { bytes, result: { kind: "ok", block: head }, listBytes: head.listBytes, fieldCount: bytes.length };
}

/** A copy of bytes[start, end) of its own; `slice` of a Buffer would share the chunk. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  for (let i = start; i < end; i++) copy[i - start] = bytes[i] as number;
  return copy;
}
