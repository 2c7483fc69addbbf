/**
 * Certificates that tests ask for, made in memory: authorities, and leaves with every fault a peer may show. Nothing waits
 * but PKCS#12. One certificate takes about a millisecond.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import {
  type CertificateContent,
  encodeCertificate,
  nameOf,
  pemOf,
  type Signer,
} from "../../src/cli/dev-certs/x509.js";
import { encodePkcs12 } from "./pkcs12.js";
import { encodeRevocationList } from "./revocation-list.js";

export interface CertificateOptions {
  /** Undefined for a subject without one. Default: the first name of any kind, or "test". */
  readonly commonName?: string | undefined;
  readonly organization?: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** `spiffe://prod.example/shop`, for one. */
  readonly uris?: readonly string[];
  readonly emails?: readonly string[];
  /** Default: an hour ago. */
  readonly notBefore?: Date;
  /** Default: in a day. */
  readonly notAfter?: Date;
  /** Extended key usages. Default both; an empty list leaves the extension out. */
  readonly usages?: readonly ("server" | "client")[];
  /** Default "P-256". "RSA" has 2048 bits, "RSA-512" too few of them for anyone. */
  readonly keyType?: "P-256" | "P-384" | "RSA" | "RSA-512";
}

/** A certificate with its key. */
export interface TestCertificate {
  /** PEM of the certificate alone. */
  readonly certificate: string;
  /** PEM of the certificate and of the intermediates behind it, as a server presents them. The root is not in it. */
  readonly chain: string;
  /** PEM (PKCS#8). */
  readonly key: string;
  readonly der: Uint8Array;
  /** Hexadecimal, upper case, as node:crypto shows it. */
  readonly serial: string;
  /** PEM of the key under a passphrase. */
  encryptedKey(passphrase: string): string;
  /** Key, chain and the root, as PKCS#12. */
  pkcs12(passphrase: string): Promise<Uint8Array>;
}

export interface TestAuthority extends TestCertificate {
  issue(options?: CertificateOptions): TestCertificate;
  intermediate(options?: CertificateOptions): TestAuthority;
  /** PEM of a certificate of this authority for another one: its name and its key, under another issuer. */
  crossSign(other: TestAuthority): string;
  /** PEM of a list of what this authority has revoked. Default dates: an hour ago, and in a day. */
  revocationList(
    revoked: readonly TestCertificate[],
    dates?: { readonly thisUpdate?: Date; readonly nextUpdate?: Date },
  ): string;
}

const hour = 3_600_000;
const hours = (count: number): Date => new Date(Date.now() + count * hour);

/** An authority of its own. */
export function createAuthority(options: CertificateOptions = {}): TestAuthority {
  const key = newKey(options.keyType);
  const content = contentOf({ commonName: "Test Root CA", usages: [], ...options }, true);
  const signer: Signer = { subject: nameOf(content.subject), key };
  return authorityOf(encodeCertificate(content, key, signer), key, signer, [], undefined);
}

const authorities = new Map<string, TestAuthority>();

/** The authority of this name, made once per process. */
export function sharedAuthority(commonName = "Test Root CA"): TestAuthority {
  const known = authorities.get(commonName);
  if (known !== undefined) return known;
  const authority = createAuthority({ commonName });
  authorities.set(commonName, authority);
  return authority;
}

/** A leaf that nobody but itself has signed. */
export function selfSigned(options: CertificateOptions = {}): TestCertificate {
  const key = newKey(options.keyType);
  const content = contentOf(options, false);
  return certificateOf(encodeCertificate(content, key, { subject: nameOf(content.subject), key }), key, [], undefined);
}

function authorityOf(
  der: Uint8Array,
  key: KeyObject,
  signer: Signer,
  behind: readonly Uint8Array[],
  root: Uint8Array | undefined,
): TestAuthority {
  const own = certificateOf(der, key, behind, root);
  // What this authority issues shows it too, unless it is the root.
  const chain = root === undefined ? [] : [der, ...behind];
  const sign = (options: CertificateOptions, isAuthority: boolean) => {
    const newborn = newKey(options.keyType);
    const content = contentOf(options, isAuthority);
    return { key: newborn, content, der: encodeCertificate(content, newborn, signer) };
  };
  return {
    ...own,
    issue(options = {}) {
      const made = sign(options, false);
      return certificateOf(made.der, made.key, chain, root ?? der);
    },
    intermediate(options = {}) {
      const made = sign({ commonName: "Test Intermediate CA", usages: [], ...options }, true);
      const its: Signer = { subject: nameOf(made.content.subject), key: made.key };
      return authorityOf(made.der, made.key, its, chain, root ?? der);
    },
    crossSign(other) {
      const { commonName } = nameTexts(other);
      const content = contentOf({ commonName, usages: [] }, true);
      return pemOf("CERTIFICATE", encodeCertificate(content, createPrivateKey(other.key), signer));
    },
    revocationList(revoked, { thisUpdate = hours(-1), nextUpdate = hours(24) } = {}) {
      const serials = revoked.map(({ serial }) => serial);
      return pemOf("X509 CRL", encodeRevocationList(serials, thisUpdate, nextUpdate, signer));
    },
  };
}

function certificateOf(
  der: Uint8Array,
  key: KeyObject,
  behind: readonly Uint8Array[],
  root: Uint8Array | undefined,
): TestCertificate {
  const pem = key.export({ type: "pkcs8", format: "pem" }) as string;
  return {
    certificate: pemOf("CERTIFICATE", der),
    chain: [der, ...behind].map((each) => pemOf("CERTIFICATE", each)).join(""),
    key: pem,
    der,
    serial: new X509Certificate(der).serialNumber,
    encryptedKey(passphrase) {
      return createPrivateKey(pem).export({
        type: "pkcs8",
        format: "pem",
        cipher: "aes-256-cbc",
        passphrase,
      }) as string;
    },
    pkcs12(passphrase) {
      const certificates = [der, ...behind, ...(root === undefined ? [] : [root])];
      return encodePkcs12(key.export({ type: "pkcs8", format: "der" }), certificates, passphrase);
    },
  };
}

function contentOf(options: CertificateOptions, isAuthority: boolean): CertificateContent {
  const { dnsNames = [], uris = [], ipAddresses = [], emails = [], organization } = options;
  const [name = "test"] = [...dnsNames, ...uris, ...ipAddresses, ...emails];
  const commonName = "commonName" in options ? options.commonName : name;
  return {
    subject: {
      ...(commonName === undefined ? {} : { commonName }),
      ...(organization === undefined ? {} : { organization }),
    },
    ...{ dnsNames, uris, ipAddresses, emails, isAuthority },
    notBefore: options.notBefore ?? hours(-1),
    notAfter: options.notAfter ?? hours(24),
    usages: options.usages ?? ["server", "client"],
  };
}

/** Of an authority, which is named by its common name alone. */
function nameTexts(authority: TestAuthority): { commonName: string } {
  return { commonName: new X509Certificate(authority.der).subject.replace(/^CN=/, "") };
}

function newKey(type: CertificateOptions["keyType"] = "P-256"): KeyObject {
  if (type === "RSA") return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  if (type === "RSA-512") return generateKeyPairSync("rsa", { modulusLength: 512 }).privateKey;
  return generateKeyPairSync("ec", { namedCurve: type }).privateKey;
}
