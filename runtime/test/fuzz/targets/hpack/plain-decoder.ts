/**
 * HPACK (RFC 7541) as its text has it, without a cache, a ring or an automaton: what the decoder under test is compared
 * with. Only the two tables of Appendix A and B are the same.
 */
import { endOfString, huffmanCodeBits, huffmanCodes } from "../../../../src/hpack/huffman-table.js";
import { staticNames, staticValues } from "../../../../src/hpack/static-table.js";

export interface PlainLimits {
  readonly maxTableSize: number;
  readonly maxListBytes: number;
  readonly maxFields: number;
}

export type PlainResult =
  | { readonly kind: "ok"; readonly fields: readonly string[] }
  | { readonly kind: "tooLarge" | "error" };

/** What makes a block an error, whatever it is. */
class Malformed extends Error {}

export class PlainDecoder {
  /** The newest entry first. */
  #table: [name: string, value: string][] = [];
  #maxTableBytes = 4096;
  #allowedTableBytes: number;
  #isUpdateDue = false;
  #isBroken = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(readonly limits: PlainLimits) {
    this.#allowedTableBytes = Math.max(4096, limits.maxTableSize);
  }

  get tableBytes(): number {
    return this.#table.reduce((sum, entry) => sum + sizeOf(entry), 0);
  }

  /** RFC 9113 §4.3.1. */
  settingsAcknowledged(): void {
    this.#allowedTableBytes = this.limits.maxTableSize;
    this.#isUpdateDue = this.#maxTableBytes > this.limits.maxTableSize;
  }

  decode(bytes: Uint8Array): PlainResult {
    if (this.#isBroken) return { kind: "error" };
    try {
      this.#bytes = bytes;
      this.#at = 0;
      return this.#block();
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#isBroken = true;
      return { kind: "error" };
    }
  }

  #block(): PlainResult {
    const { maxListBytes, maxFields } = this.limits;
    this.#sizeUpdates();
    const fields: string[] = [];
    let listBytes = 0;
    while (this.#at < this.#bytes.length) {
      const field = this.#field();
      fields.push(...field);
      listBytes += sizeOf(field);
      if (listBytes > 4 * maxListBytes || fields.length / 2 > 4 * maxFields) throw new Malformed();
    }
    if (listBytes > maxListBytes || fields.length / 2 > maxFields) return { kind: "tooLarge" };
    return { kind: "ok", fields };
  }

  /** RFC 7541 §6.3, §4.2. */
  #sizeUpdates(): void {
    for (let count = 1; (this.#peek() & 0xe0) === 0x20; count++) {
      const size = this.#integer(5);
      if (count > 2 || size > this.#allowedTableBytes) throw new Malformed();
      this.#maxTableBytes = size;
      this.#evict(size);
      this.#isUpdateDue = false;
    }
    if (this.#isUpdateDue) throw new Malformed();
  }

  #field(): [name: string, value: string] {
    const first = this.#peek();
    if (first >= 0x80) return this.#entry(this.#integer(7));
    if (first >= 0x20 && first < 0x40) throw new Malformed();
    const index = this.#integer(first >= 0x40 ? 6 : 4);
    const name = index === 0 ? this.#string() : this.#entry(index)[0];
    const field: [string, string] = [name, this.#string()];
    if (first >= 0x40) this.#insert(field);
    return field;
  }

  #entry(index: number): [name: string, value: string] {
    if (index >= 1 && index <= 61) return [staticNames[index] as string, staticValues[index] as string];
    const entry = this.#table[index - 62];
    if (entry === undefined) throw new Malformed();
    return entry;
  }

  /** RFC 7541 §4.4. */
  #insert(field: [name: string, value: string]): void {
    this.#evict(this.#maxTableBytes - sizeOf(field));
    if (sizeOf(field) <= this.#maxTableBytes) this.#table.unshift(field);
  }

  #evict(bytes: number): void {
    let used = this.tableBytes;
    while (this.#table.length > 0 && used > bytes) used -= sizeOf(this.#table.pop() as [string, string]);
  }

  /** RFC 7541 §5.1; at most five octets and 2^28, as the decoder under test has it. */
  #integer(bits: number): number {
    const mask = 2 ** bits - 1;
    let value = this.#next() & mask;
    if (value < mask) return value;
    for (let shift = 0; shift < 28; shift += 7) {
      const octet = this.#next();
      value += (octet & 0x7f) * 2 ** shift;
      if (octet >= 0x80) continue;
      if (value > 2 ** 28) break;
      return value;
    }
    throw new Malformed();
  }

  /** RFC 7541 §5.2. */
  #string(): string {
    const isCoded = (this.#peek() & 0x80) !== 0;
    const length = this.#integer(7);
    const octets = this.#bytes.subarray(this.#at, this.#at + length);
    if (octets.length < length) throw new Malformed();
    this.#at += length;
    return isCoded ? huffmanText(octets) : Buffer.from(octets).toString("latin1");
  }

  #peek(): number {
    return this.#bytes[this.#at] ?? 0;
  }

  #next(): number {
    const octet = this.#bytes[this.#at++];
    if (octet === undefined) throw new Malformed();
    return octet;
  }
}

function sizeOf([name, value]: readonly [string, string]): number {
  return name.length + value.length + 32;
}

/** The tree of Appendix B: two children a node, a negative number for a symbol. */
const tree = buildTree();

function buildTree(): number[][] {
  const nodes: number[][] = [[]];
  for (let symbol = 0; symbol <= endOfString; symbol++) {
    const bits = huffmanCodeBits[symbol] as number;
    let node = 0;
    for (let left = bits - 1; left >= 0; left--) {
      const bit = ((huffmanCodes[symbol] as number) >>> left) & 1;
      const children = nodes[node] as number[];
      if (left === 0) children[bit] = -1 - symbol;
      else if (children[bit] === undefined) children[bit] = nodes.push([]) - 1;
      node = children[bit] as number;
    }
  }
  return nodes;
}

function huffmanText(octets: Uint8Array): string {
  let text = "";
  let node = 0;
  let depth = 0;
  let areAllOnes = true;
  for (const octet of octets) {
    for (let left = 7; left >= 0; left--) {
      const bit = (octet >>> left) & 1;
      node = (tree[node] as number[])[bit] as number;
      depth += 1;
      areAllOnes &&= bit === 1;
      if (node >= 0) continue;
      if (node === -1 - endOfString) throw new Malformed();
      text += String.fromCharCode(-1 - node);
      node = 0;
      depth = 0;
      areAllOnes = true;
    }
  }
  if (depth > 7 || !areAllOnes) throw new Malformed();
  return text;
}
