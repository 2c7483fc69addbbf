import assert from "node:assert/strict";
import type { DecodeResult } from "../../src/hpack/decoder.js";
import { HpackDecoder } from "../../src/hpack/decoder.js";
import type { HpackEncoder } from "../../src/hpack/encoder.js";
import { HeaderBlock } from "../../src/hpack/header-block.js";
import { huffmanCodeBits } from "../../src/hpack/huffman-table.js";

/** Octets written in hexadecimal, blanks ignored. */
export function octets(hex: string): Buffer {
  const digits = hex.replace(/\s/g, "");
  const bytes = Buffer.from(digits, "hex");
  assert.equal(bytes.length * 2, digits.length, `not hexadecimal: ${hex}`);
  return bytes;
}

/** Octets that a text takes when coded. */
export function huffmanLength(text: string): number {
  const bits = Array.from(text, (char) => huffmanCodeBits[char.charCodeAt(0)] as number);
  return Math.ceil(bits.reduce((sum, each) => sum + each, 0) / 8);
}

/** All fields of a block, those of its prefix first. */
export function fieldsOf(block: HeaderBlock): string[] {
  return block.prefix === undefined ? [...block.fields] : [...fieldsOf(block.prefix), ...block.fields];
}

export function createDecoder(options: Partial<ConstructorParameters<typeof HpackDecoder>[0]> = {}): HpackDecoder {
  return new HpackDecoder({ maxTableSize: 4096, maxListBytes: 16384, maxFields: 128, ...options });
}

export function decode(decoder: HpackDecoder, bytes: Uint8Array): DecodeResult {
  return decoder.decode(bytes, 0, bytes.length);
}

/** The block, where the result must be one. */
export function decodeBlock(decoder: HpackDecoder, bytes: Uint8Array): HeaderBlock {
  const result = decode(decoder, bytes);
  assert.equal(result.kind, "ok", result.kind === "ok" ? "" : result.message);
  return (result as Extract<DecodeResult, { kind: "ok" }>).block;
}

/** The message, where the result must be an error. */
export function decodeError(decoder: HpackDecoder, bytes: Uint8Array): string {
  const result = decode(decoder, bytes);
  assert.equal(result.kind, "error");
  return (result as Extract<DecodeResult, { kind: "error" }>).message;
}

/** Encodes into a buffer of exactly the promised size, at an offset, and checks that nothing around it is touched. */
export function encode(encoder: HpackEncoder, block: HeaderBlock): Buffer {
  const margin = 3;
  const room = encoder.maxEncodedBytes(block);
  const out = Buffer.alloc(room + 2 * margin, 0xa5);
  const end = encoder.encode(block, out, margin);
  assert.ok(end - margin <= room, `wrote ${end - margin} octets, promised at most ${room}`);
  assert.ok(out.subarray(0, margin).every((octet) => octet === 0xa5));
  assert.ok(out.subarray(margin + room).every((octet) => octet === 0xa5));
  return out.subarray(margin, end);
}

export function encodeFields(encoder: HpackEncoder, ...fields: string[]): Buffer {
  return encode(encoder, new HeaderBlock(fields));
}

/** Representations that a test wants to put together by hand. */
export const wire = {
  indexed: (index: number) => integer(0x80, 0x7f, index),
  incremental: (name: string | number, value: string) => literal(0x40, 0x3f, name, value),
  withoutIndexing: (name: string | number, value: string) => literal(0x00, 0x0f, name, value),
  neverIndexed: (name: string | number, value: string) => literal(0x10, 0x0f, name, value),
  sizeUpdate: (bytes: number) => integer(0x20, 0x1f, bytes),
};

function literal(flags: number, mask: number, name: string | number, value: string): Buffer {
  if (typeof name === "number") return Buffer.concat([integer(flags, mask, name), plainString(value)]);
  return Buffer.concat([integer(flags, mask, 0), plainString(name), plainString(value)]);
}

function plainString(text: string): Buffer {
  return Buffer.concat([integer(0, 0x7f, text.length), Buffer.from(text, "latin1")]);
}

/** RFC 7541 §5.1 as its pseudocode has it. */
function integer(flags: number, mask: number, value: number): Buffer {
  if (value < mask) return Buffer.of(flags | value);
  const octets = [flags | mask];
  let rest = value - mask;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) + 128);
  octets.push(rest);
  return Buffer.from(octets);
}
