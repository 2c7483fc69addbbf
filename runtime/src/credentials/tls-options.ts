import type { CertificateProvider, TlsMaterial, TlsVersion } from "../base/tls.js";
import { staticCertificates } from "./static-certificates.js";

/** Who we are in TLS, and how old a TLS may be: what channels and servers say alike. */
export interface TlsOptions {
  /** Certificate chain, the leaf first: PEM or DER. Needs `key`. (grpc-js: certChain, cert_chain) */
  readonly certificate?: string | Uint8Array | undefined;
  /** Private key of `certificate`: PEM or DER. (grpc-js: privateKey, private_key) */
  readonly key?: string | Uint8Array | undefined;
  /** Of an encrypted `key` or `pfx`. */
  readonly passphrase?: string | undefined;
  /** Certificate, key and what signed them as PKCS#12, in place of `certificate` and `key`. Authorities in it are shown, and not believed. */
  readonly pfx?: Uint8Array | undefined;
  /** Revocation lists, PEM or DER; a certificate whose issuer has none is then refused. Default: revocation is not checked. */
  readonly crls?: readonly (string | Uint8Array)[] | undefined;
  /** Brings all of this in place of it, and brings it anew when it changes: `certificateFiles`, or one of your own. (grpc-js: experimental.FileWatcherCertificateProvider) */
  readonly provider?: CertificateProvider | undefined;
  /** Oldest version of TLS that is spoken. Default `TLSv1.2`; TLS 1.3 is chosen wherever both ends have it. */
  readonly minVersion?: TlsVersion | undefined;
  /** OpenSSL's list of cipher suites. Default: all of TLS 1.3, and of TLS 1.2 those that HTTP/2 may use (RFC 9113 Appendix A); others end the connection. */
  readonly ciphers?: string | undefined;
}

type PemOrDer = string | Uint8Array;

const versions: readonly unknown[] = ["TLSv1.2", "TLSv1.3"];
/** Those that a provider stands in place of. */
const materialNames = ["certificate", "key", "passphrase", "pfx", "crls"] as const;

/** Throws TypeError for what contradicts itself. @param roots Whom we believe. @param rootsName Its name as an option. */
export function providerOf(
  options: TlsOptions,
  roots: PemOrDer | readonly PemOrDer[] | undefined,
  rootsName: string,
): CertificateProvider {
  const { provider, certificate, key, passphrase, pfx, crls } = options;
  if (provider !== undefined) {
    const other = roots === undefined ? materialNames.find((name) => options[name] !== undefined) : rootsName;
    if (other === undefined) return provider;
    throw new TypeError(`${other} is given beside provider: the provider brings it, expected one of them`);
  }
  if ((certificate === undefined) !== (key === undefined)) {
    const [given, missing] = certificate === undefined ? ["key", "certificate"] : ["certificate", "key"];
    throw new TypeError(`${given} is given without ${missing}: expected both`);
  }
  if (pfx !== undefined && certificate !== undefined) {
    throw new TypeError("pfx is given beside certificate and key: expected one of them");
  }
  checkText("certificate", certificate);
  checkText("key", key);
  checkText("crls", crls);
  checkText(rootsName, roots);
  const material: TlsMaterial = {
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(pfx === undefined ? {} : { pfx }),
    ...(crls === undefined ? {} : { crls }),
    ...(roots === undefined ? {} : { roots: asList(roots) }),
  };
  return staticCertificates(Object.freeze(material));
}

/** A path in the place of what is in the file would be found out by the first call alone. Throws TypeError, which quotes nothing: it may be a key. */
function checkText(name: string, content: PemOrDer | readonly PemOrDer[] | undefined): void {
  if (content === undefined) return;
  for (const each of asList(content)) {
    if (typeof each !== "string" || each.includes("-----BEGIN ")) continue;
    throw new TypeError(`${name} is a text without PEM: expected what is in the file; certificateFiles takes its path`);
  }
}

function asList(content: PemOrDer | readonly PemOrDer[]): readonly PemOrDer[] {
  return typeof content === "string" || content instanceof Uint8Array ? [content] : content;
}

export function minVersionOf({ minVersion = "TLSv1.2" }: TlsOptions): TlsVersion {
  if (versions.includes(minVersion)) return minVersion;
  throw new TypeError(`minVersion is ${JSON.stringify(minVersion)}: expected "TLSv1.2" or "TLSv1.3"`);
}
