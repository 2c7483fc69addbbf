/** One element of DER (X.690 §8.1): its tag, and where its contents lie. */
export interface DerElement {
  readonly tag: number;
  readonly contents: Uint8Array;
}

/** Tags of X.690 as they stand in a certificate. */
export const derTag = {
  boolean: 0x01,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Tag numbers above 30 and lengths of more bytes are in no certificate. */
const longFormTag = 0x1f;
const maxLengthBytes = 4;

/**
 * The elements that `bytes` consist of, side by side. Undefined when they are no DER: a length that is indefinite, longer
 * than it need be or beyond the end.
 */
export function readDer(bytes: Uint8Array): readonly DerElement[] | undefined {
  const elements: DerElement[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1];
    if ((tag & longFormTag) === longFormTag || first === undefined) return undefined;
    at += 2;
    let length = first;
    if (first >= 0x80) {
      const count = first & 0x7f;
      if (count === 0 || count > maxLengthBytes || at + count > bytes.length) return undefined;
      length = 0;
      for (const end = at + count; at < end; at++) length = length * 256 + (bytes[at] ?? 0);
      if (length < 0x80 || length < 256 ** (count - 1)) return undefined;
    }
    if (at + length > bytes.length) return undefined;
    elements.push({ tag, contents: bytes.subarray(at, at + length) });
    at += length;
  }
  return elements;
}

/** The elements within the one element that `bytes` are. Undefined when they are not one element with this tag. */
export function readDerWithin(bytes: Uint8Array, tag: number): readonly DerElement[] | undefined {
  const elements = readDer(bytes);
  const [only] = elements ?? [];
  return elements?.length === 1 && only?.tag === tag ? readDer(only.contents) : undefined;
}

/** `2.5.29.17`. Undefined when the bytes are no object identifier (X.690 §8.19). */
export function readOid(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || ((bytes.at(-1) ?? 0) & 0x80) !== 0) return undefined;
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of bytes) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > Number.MAX_SAFE_INTEGER / 128) return undefined;
    if ((byte & 0x80) !== 0) continue;
    if (arcs.length === 0) {
      const top = Math.min(2, Math.floor(arc / 40));
      arcs.push(top, arc - 40 * top);
    } else {
      arcs.push(arc);
    }
    arc = 0;
  }
  return arcs.join(".");
}
