/**
 * Cipher suites of TLS 1.2 that HTTP/2 may use (RFC 9113 §9.2.2, Appendix A): ephemeral keys and AEAD. Those of TLS 1.3 stand
 * in front, and all of them are good.
 */
export const defaultCiphers = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

const goodSuite = /^TLS_(?:EC)?DHE_.*_(?:GCM_SHA\d+|CHACHA20_POLY1305_SHA256|CCM|CCM_8)$/;

/** Whether HTTP/2 may be spoken. @param suite As the TLS specifications write it. */
export function isGoodSuite(protocol: string, suite: string): boolean {
  return protocol === "TLSv1.3" || (protocol === "TLSv1.2" && goodSuite.test(suite));
}
