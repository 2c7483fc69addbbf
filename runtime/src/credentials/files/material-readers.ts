import type { Parsed } from "../../base/parsed.js";
import type { TlsMaterial } from "../../base/tls.js";
import { parsePemOrDer } from "../pem.js";
import { parseSpiffeBundleMap } from "../spiffe/spiffe-bundle.js";
import { type MaterialPlatform, maxIdentityBytes, maxRootsBytes, type PartReader } from "./material-part.js";

/** Certificate and key. The platform says whether they belong together: a renewed one may wait for the other. */
export function identityReader(
  platform: MaterialPlatform,
  certificatePath: string,
  keyPath: string,
  passphrase: string | undefined,
): PartReader {
  return {
    paths: [certificatePath, keyPath],
    maxBytes: maxIdentityBytes,
    parse([certificate = new Uint8Array(), key = new Uint8Array()]) {
      const material = { certificate, key, ...(passphrase === undefined ? {} : { passphrase }) };
      return checked(platform, material, `${certificatePath} and ${keyPath}`);
    },
  };
}

/** Certificate and key in one PKCS#12 file. */
export function pfxReader(platform: MaterialPlatform, path: string, passphrase: string | undefined): PartReader {
  return {
    paths: [path],
    maxBytes: maxIdentityBytes,
    parse([pfx = new Uint8Array()]) {
      return checked(platform, { pfx, ...(passphrase === undefined ? {} : { passphrase }) }, path);
    },
  };
}

/** One file of roots. */
export function rootsReader(platform: MaterialPlatform, path: string): PartReader {
  return {
    paths: [path],
    maxBytes: maxRootsBytes,
    parse([content = new Uint8Array()]) {
      const roots = parsePemOrDer(content, "CERTIFICATE");
      if ("error" in roots) return { error: `${path} ${roots.error}` };
      return checked(platform, { roots: roots.value }, path);
    },
  };
}

/** One SPIFFE trust bundle map. */
export function spiffeReader(platform: MaterialPlatform, path: string): PartReader {
  return {
    paths: [path],
    maxBytes: maxRootsBytes,
    parse([content = new Uint8Array()]) {
      const spiffeBundles = parseSpiffeBundleMap(new TextDecoder().decode(content));
      if ("error" in spiffeBundles) return { error: `${path} is broken: ${spiffeBundles.error}` };
      return checked(platform, { spiffeBundles: spiffeBundles.value }, path);
    },
  };
}

function checked(platform: MaterialPlatform, material: TlsMaterial, path: string): Parsed<TlsMaterial> {
  const problem = platform.tlsMaterialProblem(material);
  return problem === undefined ? { value: material } : { error: `cannot use ${path}: ${problem}` };
}
