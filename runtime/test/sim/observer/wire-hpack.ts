import { huffmanCodeBits, huffmanCodes } from "../../../src/hpack/huffman-table.js";
import { staticNames, staticTableLength, staticValues } from "../../../src/hpack/static-table.js";

/**
 * A second reader of RFC 7541, as plain as can be: it shares nothing with the code under test but the tables of the
 * appendices. Throws when a block cannot be read, for then the encoder has lost its way.
 */
export class WireHpack {
  /** What the reader of this direction allows the table to hold. */
  allowedBytes = 4096;
  /** The newest last. */
  #entries: { readonly name: string; readonly value: string }[] = [];
  #bytes = 0;
  #maxBytes = 4096;
  #block: Buffer = Buffer.alloc(0);
  #at = 0;

  get tableBytes(): number {
    return this.#bytes;
  }

  /** Name and value in turn. */
  decode(block: Buffer): string[] {
    this.#block = block;
    this.#at = 0;
    const fields: string[] = [];
    while (this.#at < block.length) this.#field(fields);
    if (this.#maxBytes > this.allowedBytes)
      throw new Error(`the table is ${this.#maxBytes} bytes, ${this.allowedBytes} are allowed`);
    return fields;
  }

  #field(fields: string[]): void {
    const first = this.#block[this.#at] as number;
    if (first >= 0x80) {
      const { name, value } = this.#entry(this.#integer(0x7f));
      fields.push(name, value);
      return;
    }
    if ((first & 0xe0) === 0x20) {
      if (fields.length > 0) throw new Error("a table size update follows a field");
      this.#resize(this.#integer(0x1f));
      return;
    }
    const isIncremental = first >= 0x40;
    const index = this.#integer(isIncremental ? 0x3f : 0x0f);
    const name = index === 0 ? this.#string() : this.#entry(index).name;
    const value = this.#string();
    fields.push(name, value);
    if (isIncremental) this.#insert(name, value);
  }

  #entry(index: number): { readonly name: string; readonly value: string } {
    if (index >= 1 && index <= staticTableLength) {
      return { name: staticNames[index] as string, value: staticValues[index] as string };
    }
    const found = this.#entries[this.#entries.length - (index - staticTableLength)];
    if (found === undefined)
      throw new Error(`index ${index} is in no table: ${this.#entries.length} entries are in the dynamic one`);
    return found;
  }

  #insert(name: string, value: string): void {
    this.#entries.push({ name, value });
    this.#bytes += name.length + value.length + 32;
    this.#evict();
  }

  #resize(bytes: number): void {
    if (bytes > this.allowedBytes)
      throw new Error(`a table of ${bytes} bytes is announced, ${this.allowedBytes} are allowed`);
    this.#maxBytes = bytes;
    this.#evict();
  }

  #evict(): void {
    while (this.#bytes > this.#maxBytes) {
      const oldest = this.#entries.shift();
      if (oldest === undefined) return;
      this.#bytes -= oldest.name.length + oldest.value.length + 32;
    }
  }

  #octet(): number {
    const octet = this.#block[this.#at++];
    if (octet === undefined) throw new Error("the block ends amid a field");
    return octet;
  }

  #integer(mask: number): number {
    let value = this.#octet() & mask;
    if (value < mask) return value;
    for (let scale = 1; ; scale *= 128) {
      const octet = this.#octet();
      value += (octet & 0x7f) * scale;
      if (octet < 0x80) return value;
    }
  }

  #string(): string {
    const isHuffman = ((this.#block[this.#at] as number) & 0x80) !== 0;
    const size = this.#integer(0x7f);
    const end = this.#at + size;
    if (end > this.#block.length) throw new Error("a string is longer than its block");
    const octets = this.#block.subarray(this.#at, end);
    this.#at = end;
    return isHuffman ? decodeHuffman(octets) : octets.toString("latin1");
  }
}

/** By code, with a bit in front so that leading zeros count. */
const symbols = new Map<number, number>();
for (let symbol = 0; symbol < 256; symbol++) {
  symbols.set(2 ** (huffmanCodeBits[symbol] as number) + (huffmanCodes[symbol] as number), symbol);
}

function decodeHuffman(octets: Buffer): string {
  let text = "";
  let code = 1;
  for (const octet of octets) {
    for (let bit = 7; bit >= 0; bit--) {
      code = 2 * code + ((octet >> bit) & 1);
      const symbol = symbols.get(code);
      if (symbol === undefined) continue;
      text += String.fromCharCode(symbol);
      code = 1;
    }
  }
  if (code >= 256 || (code & (code + 1)) !== 0) throw new Error("the padding of a Huffman string is no prefix of EOS");
  return text;
}
