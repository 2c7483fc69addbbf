import { type DerElement, derTag, readDer, readDerWithin, readOid } from "./der-reader.js";
import { readDistinguishedName } from "./distinguished-name.js";

/** The names that a certificate is for (RFC 5280 §4.2.1.6), read from its DER: no text stands between them to be misread. */
export interface CertificateNames {
  readonly dnsNames: readonly string[];
  readonly uris: readonly string[];
  /** Four or sixteen bytes each. */
  readonly ipAddresses: readonly Uint8Array[];
  /** RFC 4514; empty when there is none. */
  readonly subject: string;
  /** Who has signed it, RFC 4514. */
  readonly issuer: string;
}

const subjectAltName = "2.5.29.17";
const version = 0xa0;
const extensions = 0xa3;
/** Tags of GeneralName. */
const dnsName = 0x82;
const uri = 0x86;
const ipAddress = 0x87;
/** What a host's name and a URI consist of. A NUL or a space in one is there to be misread (CVE-2021-44532). */
const visibleAscii = /^[\x21-\x7e]+$/;

/** Undefined when the bytes are no certificate, or hold a name that nobody honest writes. */
export function readCertificateNames(der: Uint8Array): CertificateNames | undefined {
  const [toBeSigned] = readDerWithin(der, derTag.sequence) ?? [];
  const all = toBeSigned?.tag === derTag.sequence ? readDer(toBeSigned.contents) : undefined;
  if (all === undefined) return undefined;
  // serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, and what is optional (RFC 5280 §4.1).
  const fields = all[0]?.tag === version ? all.slice(1) : all;
  const issuer = readName(fields[2]);
  const subject = readName(fields[4]);
  const names = readAltNames(fields.slice(6));
  if (issuer === undefined || subject === undefined || names === undefined) return undefined;
  return { ...names, subject, issuer };
}

function readName(field: DerElement | undefined): string | undefined {
  return field?.tag === derTag.sequence ? readDistinguishedName(field.contents) : undefined;
}

type AltNames = Omit<CertificateNames, "subject" | "issuer">;

function readAltNames(fields: readonly DerElement[]): AltNames | undefined {
  const field = fields.find(({ tag }) => tag === extensions);
  if (field === undefined) return { dnsNames: [], uris: [], ipAddresses: [] };
  const list = readDerWithin(field.contents, derTag.sequence);
  if (list === undefined) return undefined;
  let found: AltNames | undefined;
  for (const { tag, contents } of list) {
    const parts = tag === derTag.sequence ? readDer(contents) : undefined;
    const [id] = parts ?? [];
    const value = parts?.at(-1);
    if (id?.tag !== derTag.oid || value?.tag !== derTag.octetString) return undefined;
    if (readOid(id.contents) !== subjectAltName) continue;
    // Two of them contradict each other (RFC 5280 §4.2).
    if (found !== undefined) return undefined;
    found = readGeneralNames(value.contents);
    if (found === undefined) return undefined;
  }
  return found ?? { dnsNames: [], uris: [], ipAddresses: [] };
}

function readGeneralNames(bytes: Uint8Array): AltNames | undefined {
  const names = readDerWithin(bytes, derTag.sequence);
  if (names === undefined) return undefined;
  const found = { dnsNames: [] as string[], uris: [] as string[], ipAddresses: [] as Uint8Array[] };
  for (const { tag, contents } of names) {
    if (tag === ipAddress) {
      if (contents.length !== 4 && contents.length !== 16) return undefined;
      found.ipAddresses.push(contents);
    } else if (tag === dnsName || tag === uri) {
      const text = Buffer.from(contents).toString("latin1");
      if (!visibleAscii.test(text)) return undefined;
      (tag === dnsName ? found.dnsNames : found.uris).push(text);
    }
  }
  return found;
}
