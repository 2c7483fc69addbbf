/** X.509 certificates on pkijs. Imported on first use alone: pkijs and asn1js are optional peer dependencies. */
import { createHash, createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";
import * as asn1 from "asn1js";
import * as pkijs from "pkijs";

/** What a certificate says besides who signed it. */
export interface CertificateContent {
  /** Text of the subject, an attribute each; the empty object is a subject without any. */
  readonly subject: { readonly commonName?: string; readonly organization?: string };
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly uris?: readonly string[];
  readonly emails?: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Extended key usages; none: the extension is left out, and the certificate is good for everything. */
  readonly usages: readonly ("server" | "client")[];
  readonly isAuthority: boolean;
}

/** Whoever signs: an authority, or a certificate itself. */
export interface Signer {
  readonly subject: pkijs.RelativeDistinguishedNames;
  readonly key: KeyObject;
}

const oids = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  subjectKeyIdentifier: "2.5.29.14",
  authorityKeyIdentifier: "2.5.29.35",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  extendedKeyUsage: "2.5.29.37",
  server: "1.3.6.1.5.5.7.3.1",
  client: "1.3.6.1.5.5.7.3.2",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  rsaWithSha256: "1.2.840.113549.1.1.11",
} as const;

export function pemOf(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** One attribute in each relative name: pkijs by itself would put all of them into one. */
export function nameOf(subject: CertificateContent["subject"]): pkijs.RelativeDistinguishedNames {
  const sets = (["organization", "commonName"] as const).flatMap((type) => {
    const text = subject[type];
    if (text === undefined) return [];
    const attribute = new pkijs.AttributeTypeAndValue({
      type: oids[type],
      value: new asn1.Utf8String({ value: text }),
    });
    return [new asn1.Set({ value: [attribute.toSchema()] })];
  });
  return new pkijs.RelativeDistinguishedNames({ valueBeforeDecode: new asn1.Sequence({ value: sets }).toBER() });
}

/** The subject of a certificate in DER, as it stands. */
export function subjectOf(der: Uint8Array): pkijs.RelativeDistinguishedNames {
  return pkijs.Certificate.fromBER(Uint8Array.from(der)).subject;
}

/** The DER of a certificate for the public half of `key`. */
export function encodeCertificate(content: CertificateContent, key: KeyObject, signer: Signer): Uint8Array {
  const certificate = new pkijs.Certificate({
    version: 2,
    serialNumber: newSerial(),
    issuer: signer.subject,
    subject: nameOf(content.subject),
    notBefore: timeOf(content.notBefore),
    notAfter: timeOf(content.notAfter),
    subjectPublicKeyInfo: publicKeyOf(key),
    extensions: extensionsOf(content, key, signer.key),
  });
  return signed(certificate, signer.key);
}

/** Signed by node:crypto and not by WebCrypto, so that nothing here waits. */
export function signed(what: pkijs.Certificate | pkijs.CertificateRevocationList, key: KeyObject): Uint8Array {
  const isRsa = createPublicKey(key).asymmetricKeyType === "rsa";
  const algorithm = new pkijs.AlgorithmIdentifier({
    algorithmId: isRsa ? oids.rsaWithSha256 : oids.ecdsaWithSha256,
    ...(isRsa ? { algorithmParams: new asn1.Null() } : {}),
  });
  what.signature = algorithm;
  what.signatureAlgorithm = algorithm;
  const unsigned = (what.toSchema(true) as asn1.Sequence).valueBlock.value[0] as asn1.Sequence;
  const signature = sign("sha256", new Uint8Array(unsigned.toBER()), key);
  what.signatureValue = new asn1.BitString({ valueHex: Uint8Array.from(signature).buffer });
  return new Uint8Array((what.toSchema(true) as asn1.Sequence).toBER());
}

function extensionsOf(content: CertificateContent, key: KeyObject, signer: KeyObject): pkijs.Extension[] {
  const signerId = new pkijs.AuthorityKeyIdentifier({ keyIdentifier: keyIdentifier(signer) });
  const extensions = [
    extension(oids.subjectKeyIdentifier, keyIdentifier(key)),
    extension(oids.authorityKeyIdentifier, signerId.toSchema()),
    extension(oids.basicConstraints, new pkijs.BasicConstraints({ cA: content.isAuthority }).toSchema(), true),
    // keyCertSign and cRLSign for an authority, digitalSignature for all others, from the first bit of the octet.
    extension(oids.keyUsage, bits(content.isAuthority ? 0b0000_0110 : 0b1000_0000, content.isAuthority ? 1 : 7), true),
  ];
  if (content.usages.length > 0) {
    const usages = new pkijs.ExtKeyUsage({ keyPurposes: content.usages.map((usage) => oids[usage]) });
    extensions.push(extension(oids.extendedKeyUsage, usages.toSchema()));
  }
  const names = alternativeNames(content);
  if (names.length > 0) {
    // RFC 5280 §4.2.1.6: critical where it is all the name there is.
    const isCritical = Object.keys(content.subject).length === 0;
    extensions.push(extension(oids.subjectAltName, new pkijs.AltName({ altNames: names }).toSchema(), isCritical));
  }
  return extensions;
}

function alternativeNames(content: CertificateContent): pkijs.GeneralName[] {
  const { emails = [], dnsNames = [], uris = [], ipAddresses = [] } = content;
  return [
    ...emails.map((value) => new pkijs.GeneralName({ type: 1, value })),
    ...dnsNames.map((value) => new pkijs.GeneralName({ type: 2, value })),
    ...uris.map((value) => new pkijs.GeneralName({ type: 6, value } as pkijs.GeneralNameParameters)),
    ...ipAddresses.map(
      (value) => new pkijs.GeneralName({ type: 7, value: new asn1.OctetString({ valueHex: ipBytes(value).buffer }) }),
    ),
  ];
}

/** RFC 7093 §2, method 1: 160 bits of the SHA-256 of the key. */
function keyIdentifier(key: KeyObject): asn1.OctetString {
  const { subjectPublicKey } = publicKeyOf(key);
  const hash = createHash("sha256").update(subjectPublicKey.valueBlock.valueHexView).digest();
  return new asn1.OctetString({ valueHex: Uint8Array.from(hash.subarray(0, 20)).buffer });
}

function publicKeyOf(key: KeyObject): pkijs.PublicKeyInfo {
  return pkijs.PublicKeyInfo.fromBER(createPublicKey(key).export({ type: "spki", format: "der" }));
}

export function extension(extnID: string, value: { toBER(): ArrayBuffer }, critical = false): pkijs.Extension {
  return new pkijs.Extension({ extnID, critical, extnValue: value.toBER() });
}

function bits(octet: number, unusedBits: number): asn1.BitString {
  return new asn1.BitString({ valueHex: Uint8Array.of(octet).buffer, unusedBits });
}

/** 16 octets of which the first is neither 0 nor negative: DER has one form for each number. */
function newSerial(): asn1.Integer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return integer(bytes);
}

export function integer(bytes: Uint8Array): asn1.Integer {
  return new asn1.Integer({ valueHex: Uint8Array.from(bytes).buffer });
}

/** RFC 5280 §4.1.2.5: UTCTime until 2049, GeneralizedTime from 2050. */
export function timeOf(value: Date): pkijs.Time {
  const year = value.getUTCFullYear();
  return new pkijs.Time({ type: year >= 1950 && year < 2050 ? 0 : 1, value });
}

function ipBytes(text: string): Uint8Array<ArrayBuffer> {
  if (isIP(text) === 4) return Uint8Array.from(text.split("."), Number);
  if (isIP(text) !== 6) throw new Error(`"${text}" is not an IP address`);
  // The form without dots and with the longest run of zeros as "::" is what a URL makes of it.
  const [head = "", tail = ""] = new URL(`http://[${text}]`).hostname.slice(1, -1).split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === "" ? [] : tail.split(":");
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
  return Uint8Array.from(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}
