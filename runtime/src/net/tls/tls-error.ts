import { errorCode } from "../system-error.js";

type Role = "client" | "server";

/** Alerts of a peer that does not believe our certificate, or wants one (RFC 8446 §6.2): what each says of it. */
const certificateAlerts: ReadonlyMap<number, readonly [name: string, clause: string]> = new Map([
  [42, ["bad_certificate", "it is not good there"]],
  [43, ["unsupported_certificate", "its kind is not known there"]],
  [44, ["certificate_revoked", "it was revoked"]],
  [45, ["certificate_expired", "it has expired or is not valid yet"]],
  [46, ["certificate_unknown", "it is not good there"]],
  [48, ["unknown_ca", "its authority is not among the roots there"]],
  [49, ["access_denied", "it has no access"]],
]);

/** Other alerts with a cause that somebody can mend. */
const alerts: ReadonlyMap<number, readonly [name: string, clause: string]> = new Map([
  [40, ["handshake_failure", "found no way to agree: cipher suites, or a certificate that it wants"]],
  [70, ["protocol_version", "speaks none of our TLS versions"]],
  [71, ["insufficient_security", "wants stronger cipher suites"]],
  [80, ["internal_error", "has an error of its own"]],
  [112, ["unrecognized_name", "does not know the name that it was asked for"]],
  [116, ["certificate_required", "requires a certificate, and was shown none"]],
  [120, ["no_application_protocol", "does not speak h2, which is required"]],
]);

const alertPattern = /SSL alert number (\d+)/;

/** Errors of OpenSSL at the client: what the server did. */
const serverFaults: ReadonlyMap<string, string> = new Map([
  ["ERR_SSL_WRONG_VERSION_NUMBER", "server speaks plaintext on this port"],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "server speaks plaintext on this port"],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "server speaks a version of TLS that is too old"],
  ["ERR_SSL_WRONG_CIPHER_RETURNED", "server chose a cipher suite that it was not offered"],
]);

/** The same at the server. */
const clientFaults: ReadonlyMap<string, string> = new Map([
  ["ERR_SSL_HTTP_REQUEST", "client speaks plaintext to a port of TLS"],
  ["ERR_SSL_HTTPS_PROXY_REQUEST", "client speaks plaintext to a port of TLS"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", "client speaks plaintext to a port of TLS"],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "client speaks plaintext to a port of TLS"],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "client speaks a version of TLS that is too old"],
  ["ERR_SSL_VERSION_TOO_LOW", "client speaks a version of TLS that is too old"],
  ["ERR_SSL_NO_SHARED_CIPHER", "client offers no cipher suite that this server takes"],
]);

const others: ReadonlyMap<string, string> = new Map([
  [
    "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
    "what came was changed on its way, or was not meant for this connection",
  ],
  ["ERR_SSL_BAD_RECORD_TYPE", "what came is no TLS"],
  ["ERR_SSL_UNEXPECTED_MESSAGE", "the peer broke the order of TLS"],
  ["ERR_SSL_UNEXPECTED_RECORD", "the peer broke the order of TLS"],
]);

/** What the error of a TLS connection means, in one clause; undefined when it is none of TLS. @param role Ours. */
export function tlsProblem(error: unknown, role: Role): string | undefined {
  const code = errorCode(error);
  if (!code.startsWith("ERR_SSL_")) return undefined;
  const text = error instanceof Error ? error.message : "";
  const alert = alertPattern.exec(text);
  if (alert !== null) return alertProblem(Number(alert[1]), role);
  const known = (role === "client" ? serverFaults : clientFaults).get(code) ?? others.get(code);
  return known ?? `TLS failed (${code})`;
}

function alertProblem(number: number, role: Role): string {
  const peer = role === "client" ? "server" : "client";
  const ofCertificate = certificateAlerts.get(number);
  if (ofCertificate !== undefined) {
    return `${peer} refused our certificate: ${ofCertificate[1]} (alert ${ofCertificate[0]})`;
  }
  const other = alerts.get(number);
  return other === undefined ? `${peer} sent alert ${number}` : `${peer} ${other[1]} (alert ${other[0]})`;
}

/** Whether the peer ended the handshake by an alert: it had something against us, and broke no rule. */
export function isAlert(error: unknown): boolean {
  return error instanceof Error && errorCode(error).startsWith("ERR_SSL_") && alertPattern.test(error.message);
}
