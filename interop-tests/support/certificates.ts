/** The certificates of the runtime's tests, taken from the compiled sources: the package does not export them. */
export const { createAuthority, selfSigned, sharedAuthority } = (await import(
  new URL("../../../runtime/build/test/support/certificates.js", import.meta.url).href
)) as typeof import("../../runtime/test/support/certificates.js");
export type {
  CertificateOptions,
  TestAuthority,
  TestCertificate,
} from "../../runtime/test/support/certificates.js";
