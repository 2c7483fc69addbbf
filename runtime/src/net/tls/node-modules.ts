/**
 * Node's modules that TLS alone needs, loaded when it is first spoken of: a program in plaintext starts 4 ms earlier without
 * them, and what is said of TLS stays synchronous, as it would not behind `import()`.
 */
import type * as Crypto from "node:crypto";
import type * as Tls from "node:tls";

export function nodeTls(): typeof Tls {
  return process.getBuiltinModule("node:tls");
}

export function nodeCrypto(): typeof Crypto {
  return process.getBuiltinModule("node:crypto");
}

/** Throws when it is none. */
export function readCertificate(content: string | Uint8Array): Crypto.X509Certificate {
  const { X509Certificate } = nodeCrypto();
  return new X509Certificate(content);
}
