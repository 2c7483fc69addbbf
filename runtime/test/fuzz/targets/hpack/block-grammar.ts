/** Header blocks as octets: representations of RFC 7541 §6, mostly good ones, whose tables fill, churn and shrink. */
import { huffmanEncode } from "../../../../src/hpack/huffman.js";
import { huffmanLength } from "../../../hpack/fields.js";
import type { Tape } from "../../tape.js";

const names = ["x", "x-a", "x-b", "cookie", "grpc-status", "x-much-longer-name", ":path"];
const values = ["", "1", "0", "same", "/s/m", "v".repeat(60), "w".repeat(400), "\u00ff\u0000\u00e9", "x".repeat(130)];
const sizes = [0, 31, 32, 64, 100, 200, 1000, 4095, 4096, 4097, 65536];

/** The texts above, Huffman-coded. */
const coded = new Map([...names, ...values].map((text) => [text, codedText(text)]));

function codedText(text: string): Buffer {
  const out = Buffer.alloc(huffmanLength(text));
  huffmanEncode(text, out, 0, out.length);
  return out;
}

export class BlockWriter {
  readonly bytes = Buffer.alloc(16 * 1024);
  at = 0;

  /** Writes one block at the beginning of `bytes`; `at` is its end. */
  block(tape: Tape): void {
    this.at = 0;
    if (tape.oneIn(12)) for (let count = 1 + tape.below(3); count > 0; count--) this.#sizeUpdate(tape);
    for (let count = tape.below(10); count > 0; count--) this.#representation(tape);
    if (tape.oneIn(16)) this.#raw(tape.octets(1 + tape.below(24)));
    if (tape.oneIn(32)) this.at = Math.max(0, this.at - 1 - tape.below(4));
    if (tape.oneIn(64)) this.#long(tape);
  }

  #representation(tape: Tape): void {
    const kind = tape.byte();
    if (kind < 40) this.#integer(0x80, 7, 1 + tape.below(64));
    else if (kind < 100) this.#integer(0x80, 7, 62 + (tape.byte() & 7));
    else if (kind < 190) this.#literal(tape, 0x40, 6);
    else if (kind < 220) this.#literal(tape, 0x00, 4);
    else if (kind < 240) this.#literal(tape, 0x10, 4);
    else if (kind < 246) this.#integer(0x80, 7, tape.byte());
    else if (kind < 249) this.#sizeUpdate(tape);
    else if (kind < 252) this.#raw(Buffer.of(0xff, 0x80 | tape.byte(), 0x80 | tape.byte(), tape.byte(), tape.byte()));
    else this.#raw(tape.octets(1 + tape.below(6)));
  }

  #literal(tape: Tape, flags: number, bits: number): void {
    const choice = tape.byte();
    if (choice < 128) {
      this.#integer(flags, bits, 0);
      this.#text(tape, names[choice % names.length] as string);
    } else {
      this.#integer(flags, bits, choice - 128 < 70 ? choice - 128 : 62);
    }
    this.#text(tape, tape.pick(values));
  }

  #text(tape: Tape, text: string): void {
    const choice = tape.byte();
    const huffman = choice >= 128;
    const octets = huffman ? (coded.get(text) as Buffer) : Buffer.from(text, "latin1");
    // Now and then a length that is not the text's.
    const excess = huffman && (choice & 0x7f) === 0x7d ? 1 : 0;
    const length = (choice & 0x7f) === 0x7f ? tape.byte() : octets.length + excess;
    this.#integer(huffman ? 0x80 : 0, 7, length);
    this.#raw(octets);
    // Ones that are more than padding.
    if (excess > 0) this.#raw(Buffer.of(0xff));
    if (huffman && (choice & 0x7f) === 0x7e && this.at > 0) this.bytes[this.at - 1] = tape.byte();
  }

  #sizeUpdate(tape: Tape): void {
    this.#integer(0x20, 5, tape.pick(sizes));
  }

  /** So many fields that one of the limits is passed. */
  #long(tape: Tape): void {
    const octet = tape.oneIn(2) ? 0x82 : 0xbe;
    for (let count = 20 + tape.byte(); count > 0 && this.at < this.bytes.length; count--) this.bytes[this.at++] = octet;
  }

  #integer(flags: number, bits: number, value: number): void {
    const mask = 2 ** bits - 1;
    if (this.at + 6 > this.bytes.length) return;
    if (value < mask) {
      this.bytes[this.at++] = flags | value;
      return;
    }
    this.bytes[this.at++] = flags | mask;
    let rest = value - mask;
    for (; rest >= 128; rest >>>= 7) this.bytes[this.at++] = (rest & 0x7f) | 0x80;
    this.bytes[this.at++] = rest;
  }

  #raw(octets: Uint8Array): void {
    if (this.at + octets.length > this.bytes.length) return;
    this.bytes.set(octets, this.at);
    this.at += octets.length;
  }
}
