import type { KeyObject, X509Certificate } from "node:crypto";
import type { SecureContextOptions } from "node:tls";
import type { TlsMaterial } from "../../base/tls.js";
import { encodePem, parsePemOrDer } from "../../credentials/pem.js";
import { nodeCrypto, nodeTls } from "../node-modules.js";
import { errorCode } from "../system-error.js";
import { readPkcs12 } from "./pkcs12.js";
import { readCertificate } from "./read-certificate.js";

const certificateLabel = "CERTIFICATE";
const listLabel = "X509 CRL";

/** Why these cannot be used for TLS, in one clause that tells nothing of a key; undefined when they can. */
export function tlsMaterialProblem(material: TlsMaterial): string | undefined {
  return (
    identityProblem(material) ??
    firstProblem(material.roots ?? [], rootsProblem) ??
    firstProblem(material.crls ?? [], listProblem) ??
    firstProblem([...(material.spiffeBundles?.values() ?? [])].flat(), rootsProblem)
  );
}

function firstProblem<T>(all: readonly T[], problemOf: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const problem = problemOf(one);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function identityProblem({ certificate, key, passphrase, pfx }: TlsMaterial): string | undefined {
  if (pfx !== undefined) return pfxProblem(pfx, passphrase);
  if (certificate === undefined && key === undefined) return undefined;
  if (certificate === undefined) return "there is a key and no certificate for it";
  if (key === undefined) return "there is a certificate and no key for it";
  const chain = readChain(certificate);
  if (typeof chain === "string") return chain;
  const read = readKey(key, passphrase);
  if (typeof read === "string") return read;
  const [leaf] = chain;
  if (leaf?.checkPrivateKey(read) !== true) return "the key does not belong to the certificate";
  return refusal({
    cert: chain.map(({ raw }) => encodePem(raw, certificateLabel)).join(""),
    key: read.export({ type: "pkcs8", format: "pem" }),
  });
}

function pfxProblem(pfx: Uint8Array, passphrase: string | undefined): string | undefined {
  try {
    nodeTls().createSecureContext({ pfx: Buffer.from(pfx), ...(passphrase === undefined ? {} : { passphrase }) });
    const read = readPkcs12(pfx, passphrase);
    return "error" in read ? `the PKCS#12 file ${read.error}` : undefined;
  } catch (error) {
    if (!(error instanceof Error) || !error.message.includes("mac verify failure")) {
      return "the PKCS#12 file cannot be read";
    }
    return passphrase === undefined
      ? "the PKCS#12 file has a passphrase, and none is given"
      : "the passphrase does not open the PKCS#12 file";
  }
}

/** A sentence when it cannot be read. */
function readChain(content: string | Uint8Array): readonly X509Certificate[] | string {
  const blocks = parsePemOrDer(content, certificateLabel);
  if ("error" in blocks) return `the certificate ${blocks.error}`;
  try {
    return blocks.value.map((der) => readCertificate(der));
  } catch {
    return "the certificate cannot be read";
  }
}

/** A sentence when it cannot be read. It tells nothing of the key. */
export function readKey(key: string | Uint8Array, passphrase: string | undefined): KeyObject | string {
  const secret = passphrase === undefined ? {} : { passphrase };
  if (typeof key !== "string" && key[0] === 0x30) return readDerKey(Buffer.from(key), secret);
  try {
    return nodeCrypto().createPrivateKey({
      key: typeof key === "string" ? key : Buffer.from(key),
      format: "pem",
      ...secret,
    });
  } catch (error) {
    return keyProblem(error, passphrase);
  }
}

function readDerKey(key: Buffer, secret: { readonly passphrase?: string }): KeyObject | string {
  let problem: string | undefined;
  for (const type of ["pkcs8", "sec1", "pkcs1"] as const) {
    try {
      return nodeCrypto().createPrivateKey({ key, format: "der", type, ...secret });
    } catch (error) {
      problem ??= keyProblem(error, secret.passphrase);
    }
  }
  return problem ?? "the key cannot be read";
}

function keyProblem(error: unknown, passphrase: string | undefined): string {
  if (!isLocked(error)) return "the key cannot be read";
  return passphrase === undefined
    ? "the key has a passphrase, and none is given"
    : "the passphrase does not open the key";
}

/** Node's own code for DER, OpenSSL's for PEM without a passphrase, and for a wrong one. */
const lockedCodes: ReadonlySet<string> = new Set([
  "ERR_MISSING_PASSPHRASE",
  "ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED",
  "ERR_OSSL_BAD_DECRYPT",
]);

function isLocked(error: unknown): boolean {
  return lockedCodes.has(errorCode(error));
}

function rootsProblem(content: string | Uint8Array): string | undefined {
  const blocks = parsePemOrDer(content, certificateLabel);
  if ("error" in blocks) return `the root ${blocks.error}`;
  try {
    for (const der of blocks.value) readCertificate(der);
    return undefined;
  } catch {
    return "a root cannot be read as a certificate";
  }
}

function listProblem(content: string | Uint8Array): string | undefined {
  const blocks = parsePemOrDer(content, listLabel);
  if ("error" in blocks) return `the revocation list ${blocks.error}`;
  return refusal({ crl: blocks.value.map((der) => encodePem(der, listLabel)) }) && "a revocation list cannot be read";
}

/** What OpenSSL has against it, such as a key that is too short. Its reasons have nothing of the material in them. */
function refusal(options: SecureContextOptions): string | undefined {
  try {
    nodeTls().createSecureContext(options);
    return undefined;
  } catch (error) {
    return `OpenSSL does not take it: ${error instanceof Error ? error.message.split(":").at(-1) : "no reason"}`;
  }
}
