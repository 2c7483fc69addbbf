import type { X509Certificate } from "node:crypto";
import { readCertificateNames } from "../../credentials/x509/certificate-names.js";

const untrusted = "which is not among the roots";

/**
 * What is wrong with the certificate that a peer showed, in one clause. @param code OpenSSL's name of it, as Node shows it.
 * @param usage What it should have been for.
 */
export function certificateProblem(
  code: string,
  certificate: X509Certificate | undefined,
  usage: "server" | "client",
): string {
  const issuer = certificate === undefined ? undefined : readCertificateNames(certificate.raw)?.issuer;
  switch (code) {
    case "CERT_HAS_EXPIRED":
      return expired(certificate);
    case "CERT_NOT_YET_VALID":
      return notYetValid(certificate);
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
      return "certificate is self-signed and not among the roots";
    case "SELF_SIGNED_CERT_IN_CHAIN":
      return `certificate leads to an authority of its own, ${untrusted}`;
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
      return `certificate is signed by ${issuer ?? "somebody"}, ${untrusted}`;
    case "CERT_REVOKED":
      return `certificate was revoked${certificate === undefined ? "" : ` (serial number ${certificate.serialNumber})`}`;
    case "UNABLE_TO_GET_CRL":
      return `certificate cannot be checked: there is no revocation list of ${issuer ?? "its issuer"}`;
    case "CRL_HAS_EXPIRED":
      return `certificate cannot be checked: the revocation list of ${issuer ?? "its issuer"} has expired`;
    case "INVALID_PURPOSE":
      return `certificate is not for a ${usage} (extended key usage)`;
    case "CERT_SIGNATURE_FAILURE":
      return "certificate has a signature that is not its issuer's";
    default:
      return `certificate is not good (${code})`;
  }
}

/** One behind the leaf may be the one that is too old; Node does not say which. */
function expired(certificate: X509Certificate | undefined): string {
  const end = certificate === undefined ? undefined : new Date(certificate.validTo);
  if (end === undefined || end.getTime() > Date.now()) return "certificate leads to one that has expired";
  return `certificate expired at ${timeText(end)}`;
}

function notYetValid(certificate: X509Certificate | undefined): string {
  const begin = certificate === undefined ? undefined : new Date(certificate.validFrom);
  if (begin === undefined || begin.getTime() < Date.now()) return "certificate leads to one that is not valid yet";
  return `certificate is not valid before ${timeText(begin)}`;
}

/** Certificates know no parts of a second. */
function timeText(date: Date): string {
  return Number.isNaN(date.getTime()) ? "a time that cannot be read" : date.toISOString().replace(".000Z", "Z");
}
