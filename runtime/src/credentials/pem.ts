import type { Parsed } from "../base/parsed.js";

/** Certificates or lists in one file; the largest collections of public authorities have a few hundred. */
export const maxPemBlocks = 10_000;

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The blocks of one kind in a text, as DER (RFC 7468): `CERTIFICATE`, `X509 CRL`. What stands between blocks, and blocks of
 * other kinds, are passed over; a block that is not whole makes the text bad. Errors quote nothing: it may be a key.
 */
export function parsePem(text: string, label: string): Parsed<readonly Uint8Array[]> {
  const begin = `-----BEGIN ${label}-----`;
  const end = `-----END ${label}-----`;
  const blocks: Uint8Array[] = [];
  for (let at = text.indexOf(begin); at >= 0; at = text.indexOf(begin, at)) {
    const from = at + begin.length;
    const to = text.indexOf("-----", from);
    if (to < 0 || !text.startsWith(end, to)) return { error: `${label} ${blocks.length + 1} has no end` };
    const body = text.slice(from, to).replace(/[ \t\r\n]+/g, "");
    if (!base64.test(body) || body.length % 4 !== 0) return { error: `${label} ${blocks.length + 1} is not base64` };
    if (blocks.length === maxPemBlocks) return { error: `has more than ${maxPemBlocks} of ${label}` };
    blocks.push(Uint8Array.from(Buffer.from(body, "base64")));
    at = to + end.length;
  }
  return blocks.length === 0 ? { error: `has no ${label} in PEM` } : { value: blocks };
}

/** The one block of PEM that says what `der` does. */
export function encodePem(der: Uint8Array, label: string): string {
  const body = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString("base64");
  return `-----BEGIN ${label}-----\n${body.replace(/.{64}(?=.)/g, "$&\n")}\n-----END ${label}-----\n`;
}

/** PEM of any number of blocks of one kind, or the DER of one. */
export function parsePemOrDer(content: string | Uint8Array, label: string): Parsed<readonly Uint8Array[]> {
  if (typeof content === "string") return parsePem(content, label);
  // Whatever is signed is a SEQUENCE; no text begins so, and "0-----BEGIN" would be bad PEM too.
  if (content[0] === 0x30) return { value: [content] };
  return parsePem(new TextDecoder().decode(content), label);
}
