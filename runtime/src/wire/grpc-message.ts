/** The value of `grpc-message`: UTF-8, percent-encoded byte by byte (PROTOCOL-HTTP2, Status-Message). Nothing here throws. */
import { maxStatusMessageBytes } from "./limits.js";

const space = 0x20;
const tilde = 0x7e;
const percent = 0x25;

/** Behind a message that was cut. */
const ellipsis = "...";

/** How each byte is written: itself from 0x20 to 0x7e but for `%`, else `%` and two upper-case digits. */
const encodedBytes: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte >= space && byte <= tilde && byte !== percent ? String.fromCharCode(byte) : percentEncode(byte),
);

/**
 * A lone surrogate becomes U+FFFD. A space at either end is encoded, because RFC 9113 §8.2.1 forbids it in a field. What
 * would be longer than maxStatusMessageBytes is cut between two characters and ends in `...`.
 */
export function encodeStatusMessage(text: string): string {
  return isPlain(text) ? text : encodeBytes(text);
}

/** Broken sequences stay as they came; what is not UTF-8 becomes U+FFFD. Bytes above 0x7f that nobody encoded are read as UTF-8. */
export function decodeStatusMessage(value: string): string {
  if (!needsDecoding(value)) return value;
  const bytes = Buffer.from(value, "latin1");
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    const high = byte === percent ? hexDigit(bytes[i + 1]) : -1;
    const low = high < 0 ? -1 : hexDigit(bytes[i + 2]);
    if (low < 0) {
      bytes[length++] = byte;
    } else {
      bytes[length++] = (high << 4) | low;
      i += 2;
    }
  }
  return bytes.toString("utf8", 0, length);
}

/** Whether a text may stand in the field as it is. */
function isPlain(text: string): boolean {
  const length = text.length;
  if (length > maxStatusMessageBytes) return false;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code < space || code > tilde || code === percent) return false;
  }
  return text.charCodeAt(0) !== space && text.charCodeAt(length - 1) !== space;
}

function encodeBytes(text: string): string {
  // Each UTF-16 unit takes at least one byte, so that what lies behind one unit more than the limit is cut anyhow.
  const bytes = Buffer.from(text.length > maxStatusMessageBytes ? text.slice(0, maxStatusMessageBytes + 1) : text);
  const last = bytes.length - 1;
  let encoded = "";
  let cut = 0;
  for (let i = 0; i <= last; i++) {
    const byte = bytes[i] as number;
    const startsCharacter = (byte & 0xc0) !== 0x80;
    if (startsCharacter && encoded.length <= maxStatusMessageBytes - ellipsis.length) cut = encoded.length;
    encoded += byte === space && (i === 0 || i === last) ? percentEncode(space) : encodedBytes[byte];
    if (encoded.length > maxStatusMessageBytes) return encoded.slice(0, cut) + ellipsis;
  }
  return encoded;
}

function percentEncode(byte: number): string {
  return `%${byte < 16 ? "0" : ""}${byte.toString(16).toUpperCase()}`;
}

function needsDecoding(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === percent || code > tilde) return true;
  }
  return false;
}

/** -1 for anything but 0-9 A-F a-f. */
function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
