import type { Parsed } from "../base/parsed.js";
import { show } from "../service-config/json.js";

/** Of a connection, not of a request (RFC 9110 §7.6.1), and `host`, which `:authority` stands for (gRFC A41, A43). */
const unsupported: ReadonlySet<string> = new Set([
  "connection",
  "host",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What HTTP/2 and PROTOCOL-HTTP2 let a key be; any other could never match. */
const keyPattern = /^[0-9a-z_.-]+$/;

/** A pattern over base64 without padding, which is how `-bin` values are compared. */
const binaryPattern = /^\*?[A-Za-z0-9+/,]*\*?$/;

/** The key of a header rule, in lower case. */
export function parseHeaderKey(json: unknown): Parsed<string> {
  if (typeof json !== "string") return { error: `is ${show(json)}: expected the name of a header` };
  const key = json.toLowerCase();
  if (key.startsWith(":")) return { error: `is ${show(json)}: pseudo-headers of HTTP/2 cannot be matched` };
  if (key.startsWith("grpc-")) return { error: `is ${show(json)}: headers of gRPC itself cannot be matched` };
  if (unsupported.has(key)) return { error: `is ${show(json)}: headers of the connection cannot be matched` };
  if (!keyPattern.test(key)) {
    return { error: `is ${show(json)}: expected letters, digits, "-", "_" and "."; no header has another name` };
  }
  return { value: key };
}

/**
 * A value's pattern as it is compared: the bytes of a field stand in a string one by one, so those of the pattern must, too.
 * @param key In lower case.
 */
export function parseHeaderValue(key: string, pattern: string): Parsed<string> {
  if (!key.endsWith("-bin")) return { value: Buffer.from(pattern, "utf8").toString("latin1") };
  if (binaryPattern.test(pattern)) return { value: pattern };
  return {
    error: `is ${show(pattern)}: values of "${key}" are compared in base64 without padding, nothing else matches`,
  };
}
