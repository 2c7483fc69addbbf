import type { KeyObject, X509Certificate } from "node:crypto";
import type { Parsed } from "../../base/parsed.js";
import { type DerElement, derTag, readDer, readDerWithin, readOid } from "../../credentials/x509/der-reader.js";
import { nodeCrypto } from "../node-modules.js";
import { derOfBer } from "./ber.js";
import { decryptWithPassphrase } from "./pkcs12-cipher.js";
import { readCertificate } from "./read-certificate.js";

/** What a PKCS#12 file says of whoever has it. */
export interface Pkcs12 {
  /** The leaf first, then each that has signed the one before it. */
  readonly chain: readonly X509Certificate[];
  readonly key: KeyObject;
}

const oids = {
  data: "1.2.840.113549.1.7.1",
  encryptedData: "1.2.840.113549.1.7.6",
  keyBag: "1.2.840.113549.1.12.10.1.1",
  shroudedKeyBag: "1.2.840.113549.1.12.10.1.2",
  certificateBag: "1.2.840.113549.1.12.10.1.3",
  x509Certificate: "1.2.840.113549.1.9.22.1",
} as const;

const explicit = 0xa0;
const implicit = 0x80;
/** Bit of a tag whose element consists of others. */
const constructed = 0x20;

/**
 * Reads a PKCS#12 file (RFC 7292) whose integrity has been verified. It is not given to Node, which believes every authority
 * in it: whoever has a certificate of one would come in, whatever the roots are.
 */
export function readPkcs12(pfx: Uint8Array, passphrase = ""): Parsed<Pkcs12> {
  try {
    return chainOf(readContents(pfx, passphrase), passphrase);
  } catch (error) {
    return { error: error instanceof Pkcs12Error ? error.message : "holds what cannot be read" };
  }
}

/** One clause. It quotes nothing: what cannot be read may be a key. */
class Pkcs12Error extends Error {}

interface Bag {
  readonly type: string | undefined;
  readonly value: Uint8Array;
}

function chainOf(bags: readonly Bag[], passphrase: string): Parsed<Pkcs12> {
  const keys = bags.filter(({ type }) => type === oids.keyBag || type === oids.shroudedKeyBag);
  const certificates = bags.filter(({ type }) => type === oids.certificateBag).map(({ value }) => certificateIn(value));
  for (const { value } of keys) {
    const key = nodeCrypto().createPrivateKey({ key: Buffer.from(value), format: "der", type: "pkcs8", passphrase });
    const leaf = certificates.find((certificate) => certificate.checkPrivateKey(key));
    if (leaf !== undefined) return { value: { chain: chainFrom(leaf, certificates), key } };
  }
  return { error: "holds no key with a certificate for it" };
}

function chainFrom(leaf: X509Certificate, certificates: readonly X509Certificate[]): readonly X509Certificate[] {
  const chain = [leaf];
  for (const one of chain) {
    const issuer = certificates.find((other) => !chain.includes(other) && one.checkIssued(other));
    if (issuer !== undefined) chain.push(issuer);
  }
  return chain;
}

function certificateIn(value: Uint8Array): X509Certificate {
  const [type, content] = withinSequence(value);
  if (oidOf(type) !== oids.x509Certificate) throw new Pkcs12Error("holds a certificate that is none of X.509");
  return readCertificate(octetsIn(content));
}

function readContents(pfx: Uint8Array, passphrase: string): readonly Bag[] {
  const [, authenticated] = withinSequence(pfx);
  const [type, content] = elementsOf(authenticated);
  if (oidOf(type) !== oids.data) throw new Pkcs12Error("is signed with a key: expected a passphrase");
  return withinSequence(octetsIn(content)).flatMap((info) => bagsIn(info, passphrase));
}

function bagsIn(info: DerElement, passphrase: string): readonly Bag[] {
  const [type, content] = elementsOf(info);
  const kind = oidOf(type);
  if (kind === oids.data) return readBags(octetsIn(content));
  if (kind !== oids.encryptedData) throw new Pkcs12Error("is encrypted with a key: expected a passphrase");
  const [, encrypted] = withinSequence(contentsOf(content, explicit));
  const [, algorithm, bytes] = elementsOf(encrypted);
  const plain = decryptWithPassphrase(algorithm, stringOf(bytes, implicit), passphrase);
  if (plain === undefined) throw new Pkcs12Error("is encrypted in a way that is not known: expected AES or triple DES");
  return readBags(plain);
}

function readBags(bytes: Uint8Array): readonly Bag[] {
  return withinSequence(bytes).map((bag) => {
    const [id, value] = elementsOf(bag);
    return { type: oidOf(id), value: contentsOf(value, explicit) };
  });
}

// ---- elements of it; each throws where there is something else

function withinSequence(bytes: Uint8Array): readonly DerElement[] {
  return readDerWithin(derOfBer(bytes) ?? fail(), derTag.sequence) ?? fail();
}

function elementsOf(element: DerElement | undefined): readonly DerElement[] {
  return readDer(contentsOf(element, derTag.sequence)) ?? fail();
}

function octetsIn(element: DerElement | undefined): Uint8Array {
  const [only] = readDer(contentsOf(element, explicit)) ?? [];
  return stringOf(only, derTag.octetString);
}

/** An octet string, which many writers cut into several (X.690 §8.7.3.2). */
function stringOf(element: DerElement | undefined, tag: number): Uint8Array {
  if (element?.tag !== (tag | constructed)) return contentsOf(element, tag);
  const pieces = readDer(element.contents) ?? fail();
  return new Uint8Array(Buffer.concat(pieces.map((piece) => contentsOf(piece, derTag.octetString))));
}

function contentsOf(element: DerElement | undefined, tag: number): Uint8Array {
  return element?.tag === tag ? element.contents : fail();
}

function oidOf(element: DerElement | undefined): string | undefined {
  return readOid(contentsOf(element, derTag.oid));
}

function fail(): never {
  throw new Pkcs12Error("holds what cannot be read");
}
