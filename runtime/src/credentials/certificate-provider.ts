/** Where TLS takes certificates and keys from; the types are base's, since net/ reads what a provider gives. */
export type { CertificateListener, CertificateProvider, TlsMaterial } from "../base/tls.js";
