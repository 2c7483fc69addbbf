/** Fields of text and of bytes. */
import type { ByteSink } from "../../base/byte-sink.js";
import { maxVarintBytes, varintBytes, writeVarint } from "../../base/varint.js";
import { putTag } from "./put-scalar.js";

/** Text up to this long is written character by character: cheaper than a call into the engine's encoder. */
const shortText = 18;
/** Text up to this long gets room for the worst case, three bytes a character. */
const mediumText = 2048;

/** Bytes up to this long are copied in a loop: cheaper than a call. */
const loopBytes = 32;

const encoder = new TextEncoder();

type Utf8Write = (this: Buffer, text: string, offset: number, length: number) => number;

/** What Buffer.write calls in the end. Not documented, but older than most of what is; a call less is a fifth of its time. */
const utf8Write = (Buffer.prototype as { readonly utf8Write?: Utf8Write }).utf8Write ?? Buffer.prototype.write;

/** Text as UTF-8; half a surrogate pair becomes U+FFFD. */
export function putString(w: ByteSink, tag: number, value: string): void {
  const text = typeof value === "string" ? value : String(value);
  const size = text.length;
  if (size > mediumText) {
    putLongText(w, tag, text);
    return;
  }
  const at = putTag(w, tag, maxVarintBytes + size * 3);
  if (size > shortText || !putAscii(w, at, text, size)) putText(w, at, text, size);
}

/** False: it is not ASCII, and nothing was written. */
function putAscii(w: ByteSink, position: number, text: string, size: number): boolean {
  const { bytes } = w;
  let at = position;
  bytes[at++] = size;
  for (let i = 0; i < size; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    bytes[at++] = code;
  }
  w.position = at;
  return true;
}

/** The length goes first and is known last: its width is guessed, and what was written is moved when the guess was wrong. */
function putText(w: ByteSink, position: number, text: string, size: number): void {
  const { bytes } = w;
  const guess = varintBytes(size);
  const written = utf8Write.call(bytes, text, position + guess, size * 3);
  const width = varintBytes(written);
  if (width !== guess) bytes.copyWithin(position + width, position + guess, position + guess + written);
  w.position = writeVarint(bytes, position, written) + written;
}

/** Takes room as it turns out to be needed, not three times the length. */
function putLongText(w: ByteSink, tag: number, text: string): void {
  w.position = putTag(w, tag, 1);
  const start = w.openLength();
  let rest = text;
  for (let room = text.length; rest !== ""; room = rest.length * 3) {
    w.ensure(room);
    const { read, written } = encoder.encodeInto(rest, w.bytes.subarray(w.position, w.position + room));
    w.position += written;
    rest = rest.slice(read);
  }
  w.closeLength(start);
}

export function putBytes(w: ByteSink, tag: number, value: Uint8Array): void {
  if (!ArrayBuffer.isView(value) || value.byteLength !== value.length) {
    throw new TypeError(`invalid bytes: ${typeof value}, expected a Uint8Array`);
  }
  const size = value.length;
  let at = putTag(w, tag, maxVarintBytes + loopBytes);
  at = writeVarint(w.bytes, at, size);
  w.position = at;
  if (size > loopBytes) {
    w.append(value);
    return;
  }
  for (let i = 0; i < size; i++) w.bytes[at + i] = value[i] as number;
  w.position = at + size;
}

/** Whether a field without presence is set. What is no Uint8Array is for `putBytes` to refuse. */
export function isSetBytes(value: Uint8Array): boolean {
  return value?.byteLength !== 0;
}
