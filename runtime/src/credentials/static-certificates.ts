import type { CertificateProvider, TlsMaterial } from "../base/tls.js";

/** A provider of what does not change. */
export function staticCertificates(material: TlsMaterial): CertificateProvider {
  return {
    current: () => material,
    watch(listener) {
      listener.onMaterial(material);
      return { close() {} };
    },
  };
}
