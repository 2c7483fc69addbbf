import { type DerElement, derTag, readDer, readOid } from "./der-reader.js";

/** Names of attributes as RFC 4514 §3 and, for those that it has not, Go's crypto/x509 writes them. */
const shortNames: ReadonlyMap<string, string> = new Map([
  ["2.5.4.3", "CN"],
  ["2.5.4.5", "SERIALNUMBER"],
  ["2.5.4.6", "C"],
  ["2.5.4.7", "L"],
  ["2.5.4.8", "ST"],
  ["2.5.4.9", "STREET"],
  ["2.5.4.10", "O"],
  ["2.5.4.11", "OU"],
  ["2.5.4.17", "POSTALCODE"],
  ["0.9.2342.19200300.100.1.1", "UID"],
  ["0.9.2342.19200300.100.1.25", "DC"],
]);

const utf8String = 0x0c;
const bmpString = 0x1e;
/** Printable, Teletex (read as Latin-1, as everybody does) and IA5. */
const oneByteStrings: ReadonlySet<number> = new Set([0x13, 0x14, 0x16]);

const strictUtf8 = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * A name (X.501 RDNSequence) as RFC 4514 writes it, the last of its parts first: `CN=shop,OU=sales,O=Example`. A value that
 * is no text stands there as the hexadecimal digits of its DER. Undefined when the bytes are no name.
 */
export function readDistinguishedName(contents: Uint8Array): string | undefined {
  const parts = readDer(contents);
  if (parts === undefined) return undefined;
  const texts: string[] = [];
  for (const part of parts) {
    const text = part.tag === derTag.set ? readPart(part.contents) : undefined;
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return texts.reverse().join(",");
}

function readPart(contents: Uint8Array): string | undefined {
  const attributes = readDer(contents);
  if (attributes === undefined || attributes.length === 0) return undefined;
  const texts: string[] = [];
  for (const { tag, contents: pair } of attributes) {
    const [type, value, ...rest] = (tag === derTag.sequence ? readDer(pair) : undefined) ?? [];
    if (type?.tag !== derTag.oid || value === undefined || rest.length > 0) return undefined;
    const oid = readOid(type.contents);
    if (oid === undefined) return undefined;
    const name = shortNames.get(oid);
    const text = readText(value);
    if (name === undefined || text === undefined) texts.push(`${name ?? oid}=${hexOf(value)}`);
    else texts.push(`${name}=${escaped(text)}`);
  }
  return texts.join("+");
}

function readText({ tag, contents }: DerElement): string | undefined {
  if (oneByteStrings.has(tag)) return Buffer.from(contents).toString("latin1");
  if (tag === bmpString && contents.length % 2 === 0) return utf16Of(contents);
  if (tag !== utf8String) return undefined;
  try {
    return strictUtf8.decode(contents);
  } catch {
    return undefined;
  }
}

function utf16Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 2) {
    text += String.fromCharCode(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  }
  return text;
}

/** RFC 4514 §2.4. Control characters are escaped as well: the text stands in sentences and in policies. */
function escaped(text: string): string {
  return text
    .replace(/["+,;<>\\]/g, "\\$&")
    .replace(/^[ #]/, "\\$&")
    .replace(/ $/, "\\ ")
    .replace(/[^ -~\u0080-\uffff]/g, (character) => `\\${hexByte(character.charCodeAt(0))}`);
}

function hexOf({ tag, contents }: DerElement): string {
  const length = contents.length < 0x80 ? [contents.length] : lengthBytes(contents.length);
  return `#${[tag, ...length, ...contents].map(hexByte).join("")}`;
}

function lengthBytes(length: number): number[] {
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
