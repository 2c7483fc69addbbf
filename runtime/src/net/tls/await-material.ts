import type { CertificateProvider, TlsMaterial } from "../../base/tls.js";

/** Calls one of the two once, at once where there is material. The returned function gives up the wait. */
export function awaitMaterial(
  provider: CertificateProvider,
  onMaterial: (material: TlsMaterial) => void,
  onError: (message: string) => void,
): () => void {
  const current = provider.current();
  if (current !== undefined) {
    onMaterial(current);
    return () => {};
  }
  let isOver = false;
  let watch: { close(): void } | undefined;
  const end = (): boolean => {
    if (isOver) return false;
    isOver = true;
    watch?.close();
    return true;
  };
  watch = provider.watch({
    onMaterial: (material) => {
      if (end()) onMaterial(material);
    },
    onError: (message) => {
      if (end()) onError(message);
    },
  });
  // It may have told at once, when there was no watch to close yet.
  if (isOver) watch.close();
  return end;
}
