import { readFileSync } from "node:fs";
import type { SecureContext, SecureContextOptions } from "node:tls";
import type { TlsConfig, TlsMaterial } from "../../base/tls.js";
import { encodePem, parsePemOrDer } from "../../credentials/pem.js";
import { nodeCrypto, nodeTls } from "../node-modules.js";
import { fileError } from "../system-error.js";
import { readKey, tlsMaterialProblem } from "./material-problem.js";
import { readPkcs12 } from "./pkcs12.js";
import { defaultCiphers } from "./tls-suites.js";

/**
 * No renegotiation (RFC 9113 §9.2.1), no compression (CRIME), and no session that comes again: what was verified once for one
 * name, with one set of roots, must not stand for another (CVE-2026-48934).
 */
function secureOptions(): number {
  const { constants } = nodeCrypto();
  return constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION | constants.SSL_OP_NO_TICKET;
}

/** A file of PEM certificates that clients believe where nothing else is said (grpc/grpc doc/environment_variables.md). */
const rootsVariable = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH";

/** What Node makes a context of. Throws one sentence when the material is of no use. */
export function contextOptions(material: TlsMaterial, config: TlsConfig): SecureContextOptions {
  const problem = tlsMaterialProblem(material);
  if (problem !== undefined) throw new Error(problem);
  const { crls = [] } = material;
  const roots = rootsOf(material);
  return {
    minVersion: config.minVersion,
    maxVersion: "TLSv1.3",
    ciphers: config.ciphers ?? defaultCiphers,
    honorCipherOrder: true,
    secureOptions: secureOptions(),
    ...identityOptions(material),
    ...(roots === undefined ? {} : { ca: roots.map((root) => pemOf(root, "CERTIFICATE")) }),
    ...(crls.length === 0 ? {} : { crl: crls.map((crl) => pemOf(crl, "X509 CRL")) }),
  };
}

function identityOptions({
  certificate,
  key,
  passphrase,
  pfx,
}: TlsMaterial): Pick<SecureContextOptions, "cert" | "key"> {
  if (pfx !== undefined) {
    const read = readPkcs12(pfx, passphrase);
    if ("error" in read) throw new Error(`the PKCS#12 file ${read.error}`);
    const { chain } = read.value;
    return {
      cert: chain.map(({ raw }) => encodePem(raw, "CERTIFICATE")).join(""),
      key: read.value.key.export({ type: "pkcs8", format: "pem" }),
    };
  }
  if (certificate === undefined || key === undefined) return {};
  return { cert: pemOf(certificate, "CERTIFICATE"), key: pemOfKey(key, passphrase) };
}

/** One text, whatever it was. */
function pemOf(content: string | Uint8Array, label: string): string {
  const blocks = parsePemOrDer(content, label);
  if ("error" in blocks) throw new Error(`a ${label} ${blocks.error}`);
  return blocks.value.map((der) => encodePem(der, label)).join("");
}

function pemOfKey(content: string | Uint8Array, passphrase: string | undefined): string | Buffer {
  const key = readKey(content, passphrase);
  if (typeof key === "string") throw new Error(key);
  return key.export({ type: "pkcs8", format: "pem" });
}

function rootsOf({ roots, spiffeBundles }: TlsMaterial): readonly (string | Uint8Array)[] | undefined {
  if (spiffeBundles === undefined) return roots;
  return [...spiffeBundles.values()].flat();
}

const contexts = new WeakMap<TlsMaterial, Map<TlsConfig, SecureContext>>();

/** The context of a client's connections, made once for a material. Throws one sentence when the material is of no use. */
export function clientContext(material: TlsMaterial, config: TlsConfig): SecureContext {
  const known = contexts.get(material) ?? new Map<TlsConfig, SecureContext>();
  contexts.set(material, known);
  const made = known.get(config);
  if (made !== undefined) return made;
  const context = nodeTls().createSecureContext(withDefaultRoots(contextOptions(material, config)));
  known.set(config, context);
  return context;
}

/** Without any, Node takes those that it brings, and those of NODE_EXTRA_CA_CERTS. */
function withDefaultRoots(options: SecureContextOptions): SecureContextOptions {
  const path = process.env[rootsVariable];
  if (options.ca !== undefined || path === undefined || path === "") return options;
  try {
    return { ...options, ca: readFileSync(path) };
  } catch (cause) {
    throw fileError(`read the roots of ${rootsVariable} in`, path, cause);
  }
}
