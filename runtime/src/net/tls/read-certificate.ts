import type { X509Certificate } from "node:crypto";
import { nodeCrypto } from "../node-modules.js";

/** Throws when it is none. */
export function readCertificate(content: string | Uint8Array): X509Certificate {
  const { X509Certificate: Certificate } = nodeCrypto();
  return new Certificate(content);
}
