/** Metadata as header fields (PROTOCOL-HTTP2, Custom-Metadata): ASCII as it is, values of `-bin` keys in base64. */
import { flatFields, type HeaderBlock } from "../hpack/header-block.js";
import { isReservedKey, Metadata, type MetadataValue } from "../rpc/metadata.js";
import { maxMetadataEntries } from "./limits.js";
import { quote } from "./quote.js";

/** Appends name and value of each pair. Several values under a key stay several fields. */
export function metadataToFields(metadata: Metadata, into: string[]): void {
  const { entries } = metadata;
  for (let i = 0; i < entries.length; i += 2) {
    const value = entries[i + 1] as MetadataValue;
    into.push(entries[i] as string, typeof value === "string" ? value : encodeBinary(value));
  }
}

/** The application's part of a block; reserved keys are left out. `error` is one sentence. */
export function parseMetadata(block: HeaderBlock): { readonly metadata: Metadata } | { readonly error: string } {
  const fields = flatFields(block);
  const entries: MetadataValue[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const error = collectMetadata(fields[i] as string, fields[i + 1] as string, entries);
    if (error !== undefined) return { error };
  }
  return { metadata: toMetadata(entries) };
}

/** Takes the array over. */
export function toMetadata(entries: MetadataValue[]): Metadata {
  return entries.length === 0 ? new Metadata() : Metadata.ofValidated(entries);
}

/**
 * Adds one received field to `entries`, unless its key is reserved; returns one sentence when it is malformed, unless it
 * is a trace's.
 * ASCII values are taken as they are, also outside printable ASCII: PROTOCOL-HTTP2 forbids an error and leaves the rest
 * open; grpc-go takes them too. Copying such Metadata into an answer works, only `set` and `append` would refuse it.
 */
export function collectMetadata(name: string, value: string, entries: MetadataValue[]): string | undefined {
  if (isReservedKey(name)) return undefined;
  if (!name.endsWith("-bin")) {
    entries.push(name, value);
    return undefined;
  }
  const error = value.indexOf(",") < 0 ? collectBinary(name, value, entries) : collectList(name, value, entries);
  // What is left of gRPC's own are the headers of traces: one that is malformed must not cost the call.
  return name.startsWith("grpc-") ? undefined : error;
}

/** A proxy may have joined several values with commas, white space allowed around them (RFC 9110 §5.3). */
function collectList(name: string, value: string, entries: MetadataValue[]): string | undefined {
  let start = 0;
  for (;;) {
    const comma = value.indexOf(",", start);
    const error = collectBinary(name, value.slice(start, comma < 0 ? value.length : comma).trim(), entries);
    if (error !== undefined || comma < 0) return error;
    if (entries.length >= 2 * maxMetadataEntries) {
      return `metadata has more than ${maxMetadataEntries} values once ${quote(name)} is split at its commas, limit ${maxMetadataEntries} (maxMetadataEntries)`;
    }
    start = comma + 1;
  }
}

function collectBinary(name: string, value: string, entries: MetadataValue[]): string | undefined {
  const bytes = decodeBinary(value);
  if (bytes === undefined) {
    return `metadata value of ${quote(name)} is not base64 (${value.length} characters), expected the alphabet of RFC 4648 §4 with or without padding`;
  }
  entries.push(name, bytes);
  return undefined;
}

const base64Slice = (Buffer.prototype as unknown as { base64Slice(this: Uint8Array, s: number, e: number): string })
  .base64Slice;

/** Base64 without padding, as PROTOCOL-HTTP2 wants it sent. */
export function encodeBinary(bytes: Uint8Array): string {
  // Without a Buffer around the bytes it takes half of the time.
  const padded = base64Slice.call(bytes, 0, bytes.byteLength);
  const length = Math.ceil((bytes.byteLength * 4) / 3);
  return length === padded.length ? padded : padded.slice(0, length);
}

const base64Pattern = /^[A-Za-z0-9+/]*={0,2}$/;

/** Up to this many characters a loop in JavaScript takes a third of what the engine's own decoder does: ids of traces. */
const shortBase64 = 88;
const notBase64 = 0xff;
/** By character: the six bits that it stands for, or notBase64. */
const sextets = new Uint8Array(256).fill(notBase64);
for (const [sextet, octet] of Buffer.from(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
).entries()) {
  sextets[octet] = sextet;
}

/** With or without padding (RFC 4648 §4); undefined when malformed. The result shares no memory with others. */
export function decodeBinary(text: string): Uint8Array | undefined {
  if (text.length <= shortBase64) return decodeShort(text);
  if (!base64Pattern.test(text)) return undefined;
  const padding = text.indexOf("=");
  if (padding >= 0 ? text.length % 4 !== 0 : text.length % 4 === 1) return undefined;
  return new Uint8Array(Buffer.from(text, "base64"));
}

function decodeShort(text: string): Uint8Array | undefined {
  let length = text.length;
  if (length > 0 && text.endsWith("=")) {
    if (length % 4 !== 0) return undefined;
    length -= text.endsWith("==") ? 2 : 1;
  }
  if (length % 4 === 1) return undefined;
  const bytes = new Uint8Array((length * 3) >> 2);
  let seen = 0;
  let at = 0;
  for (let i = 0; i < length; i += 4) {
    // What is behind the end stands for zeros; what they would add has no room in the result.
    const [first, second] = [sextetAt(text, i), sextetAt(text, i + 1)];
    const third = i + 2 < length ? sextetAt(text, i + 2) : 0;
    const fourth = i + 3 < length ? sextetAt(text, i + 3) : 0;
    seen |= first | second | third | fourth;
    const octets = (first << 18) | (second << 12) | (third << 6) | fourth;
    bytes[at] = octets >> 16;
    bytes[at + 1] = octets >> 8;
    bytes[at + 2] = octets;
    at += 3;
  }
  return seen < 64 ? bytes : undefined;
}

function sextetAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return code < 256 ? (sextets[code] as number) : notBase64;
}
