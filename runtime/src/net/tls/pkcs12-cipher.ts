import { type DerElement, derTag, readDer, readOid } from "../../credentials/x509/der-reader.js";
import { nodeCrypto } from "../node-modules.js";

const pbes2 = "1.2.840.113549.1.5.13";
const pbkdf2 = "1.2.840.113549.1.5.12";
/** pbeWithSHAAnd3-KeyTripleDES-CBC: what Windows writes unless it is told otherwise. */
const shaTripleDes = "1.2.840.113549.1.12.1.3";

/** RFC 8018 §B.1.2. */
const hashes: ReadonlyMap<string | undefined, string> = new Map([
  ["1.2.840.113549.2.7", "sha1"],
  ["1.2.840.113549.2.9", "sha256"],
  ["1.2.840.113549.2.10", "sha384"],
  ["1.2.840.113549.2.11", "sha512"],
]);

/** Ciphers and the bytes of their keys. */
const ciphers: ReadonlyMap<string | undefined, readonly [name: string, keyBytes: number]> = new Map([
  ["2.16.840.1.101.3.4.1.2", ["aes-128-cbc", 16]],
  ["2.16.840.1.101.3.4.1.22", ["aes-192-cbc", 24]],
  ["2.16.840.1.101.3.4.1.42", ["aes-256-cbc", 32]],
  ["1.2.840.113549.3.7", ["des-ede3-cbc", 24]],
]);

/** Undefined when the algorithm is not known. Throws when the passphrase is wrong. @param algorithm AlgorithmIdentifier. */
export function decryptWithPassphrase(
  algorithm: DerElement | undefined,
  bytes: Uint8Array,
  passphrase: string,
): Uint8Array | undefined {
  const [id, parameters] = within(algorithm);
  const kind = oid(id);
  if (kind === pbes2) return decryptPbes2(within(parameters), bytes, passphrase);
  if (kind !== shaTripleDes) return undefined;
  const [salt, count] = within(parameters);
  const derive = (purpose: number, length: number) =>
    pkcs12Key(passphrase, octets(salt), integer(count), purpose, length);
  return decrypt("des-ede3-cbc", derive(1, 24), derive(2, 8), bytes);
}

/** RFC 8018 §6.2. */
function decryptPbes2(
  parameters: readonly DerElement[],
  bytes: Uint8Array,
  passphrase: string,
): Uint8Array | undefined {
  const [derivation, encryption] = parameters.map(within);
  const [cipherId, iv] = encryption ?? [];
  const [name, keyBytes] = ciphers.get(oid(cipherId)) ?? [];
  if (oid(derivation?.[0]) !== pbkdf2 || name === undefined || keyBytes === undefined) return undefined;
  const [salt, count, ...optional] = within(derivation?.[1]);
  const prf = optional.find(({ tag }) => tag === derTag.sequence);
  const hash = prf === undefined ? "sha1" : hashes.get(oid(within(prf)[0]));
  if (hash === undefined) return undefined;
  const key = nodeCrypto().pbkdf2Sync(Buffer.from(passphrase, "utf8"), octets(salt), integer(count), keyBytes, hash);
  return decrypt(name, key, octets(iv), bytes);
}

function decrypt(name: string, key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Uint8Array {
  const decipher = nodeCrypto().createDecipheriv(name, key, iv);
  return new Uint8Array(Buffer.concat([decipher.update(bytes), decipher.final()]));
}

/** Bytes of a block of SHA-1. */
const block = 64;

/** RFC 7292 §B.2 with SHA-1. @param purpose 1 for a key, 2 for an initialization vector. */
function pkcs12Key(passphrase: string, salt: Uint8Array, count: number, purpose: number, length: number): Uint8Array {
  const input = Buffer.concat([filled(salt), filled(Buffer.from(`${passphrase}\0`, "utf16le").swap16())]);
  const { createHash } = nodeCrypto();
  const parts: Buffer[] = [];
  for (let size = 0; size < length; size += 20) {
    let hash: Buffer = Buffer.concat([Buffer.alloc(block, purpose), input]);
    for (let round = 0; round < count; round++) hash = createHash("sha1").update(hash).digest();
    parts.push(hash);
    const addend = filled(hash).subarray(0, block);
    for (let at = 0; at < input.length; at += block) addOneMore(input.subarray(at, at + block), addend);
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** Repeated until whole blocks are full. */
function filled(bytes: Uint8Array): Buffer {
  return Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
}

/** `number + addend + 1`, both of one block, the greatest byte first. */
function addOneMore(number: Buffer, addend: Buffer): void {
  let carry = 1;
  for (let at = block - 1; at >= 0; at--) {
    carry += (number[at] ?? 0) + (addend[at] ?? 0);
    number[at] = carry & 0xff;
    carry >>= 8;
  }
}

// ---- DER; what is not there is empty, and comes to nothing

function within(element: DerElement | undefined): readonly DerElement[] {
  return element?.tag === derTag.sequence ? (readDer(element.contents) ?? []) : [];
}

function octets(element: DerElement | undefined): Uint8Array {
  return element?.tag === derTag.octetString ? element.contents : new Uint8Array(0);
}

function oid(element: DerElement | undefined): string | undefined {
  return element?.tag === derTag.oid ? readOid(element.contents) : undefined;
}

/** Of four bytes at most; 0 otherwise, which no derivation takes. */
function integer(element: DerElement | undefined): number {
  const bytes = element?.contents ?? new Uint8Array(0);
  return bytes.length > 4 ? 0 : bytes.reduce((number, byte) => number * 256 + byte, 0);
}
