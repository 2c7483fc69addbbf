import type { X509Certificate } from "node:crypto";
import type { PeerIdentity } from "../../base/tls.js";
import { soleSpiffeId } from "../../credentials/spiffe/spiffe-verification.js";
import { readCertificateNames } from "../../credentials/x509/certificate-names.js";

/** Whom a certificate stands for, if it is good. Undefined when it cannot be read without doubt. */
export function identityOf(certificate: X509Certificate): PeerIdentity | undefined {
  const der = certificate.raw;
  const names = readCertificateNames(der);
  if (names === undefined) return undefined;
  const { dnsNames, uris, subject } = names;
  const subjects = subject === "" ? [] : [subject];
  const [spiffeId] = uris;
  return Object.freeze({
    principals: uris.length > 0 ? uris : dnsNames.length > 0 ? dnsNames : subjects,
    uris,
    dnsNames,
    ipAddresses: names.ipAddresses.map(ipText),
    subject,
    ...(spiffeId !== undefined && "value" in soleSpiffeId(uris) ? { spiffeId } : undefined),
    fingerprint256: certificate.fingerprint256,
    certificate: der,
    validTo: new Date(certificate.validTo),
  });
}

/** An address of four or sixteen bytes; IPv6 as RFC 5952 writes it, which is what a URL's host is too. */
function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups: string[] = [];
  for (let at = 0; at < bytes.length; at += 2) {
    groups.push((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  }
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
