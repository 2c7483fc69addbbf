import { nameProblem } from "../../base/option-group.js";
import type { Millis } from "../../base/platform.js";
import { kindOf } from "../../rpc/misuse.js";

/** Files that a connection takes its certificates and keys from. Relative paths are relative to the process's folder. */
export interface CertificateFilesOptions {
  /** PEM (the leaf first, then what it was signed by) or DER. Goes with `key`: they are taken over together or not at all. */
  readonly certificate?: string | undefined;
  /** PEM or DER, of PKCS#8, PKCS#1 or SEC1. */
  readonly key?: string | undefined;
  /** Certificate and key in one PKCS#12 file, in place of the two. */
  readonly pfx?: string | undefined;
  /** Of `key` or `pfx`. */
  readonly passphrase?: string | undefined;
  /** Whom we believe: PEM with any number of certificates, or the DER of one. */
  readonly roots?: string | undefined;
  /** SPIFFE trust bundle map (gRFC A87), JSON: peers must be SPIFFE workloads, and `roots` has no effect. */
  readonly spiffeBundleMap?: string | undefined;
  /**
   * Folder of revocation lists (gRFC A69), PEM or DER under any name that does not begin with a dot. Each authority of a
   * peer's chain must have a list in it that is not out of date: without one the peer is refused.
   */
  readonly crlDirectory?: string | undefined;
  /** Milliseconds between two readings when no change is heard of. Default 60,000, minimum 1000. Infinity: changes alone. */
  readonly refreshMs?: Millis | undefined;
  /**
   * Hears one sentence about files that cannot be used, when it is first found; the last good ones hold. Default: a warning
   * of the process.
   */
  readonly onError?: ((message: string) => void) | undefined;
}

const names: Readonly<Record<keyof CertificateFilesOptions, true>> = {
  certificate: true,
  key: true,
  pfx: true,
  passphrase: true,
  roots: true,
  spiffeBundleMap: true,
  crlDirectory: true,
  refreshMs: true,
  onError: true,
};

const paths = ["certificate", "key", "pfx", "roots", "spiffeBundleMap", "crlDirectory"] as const;

export const defaultRefreshMs = 60_000;
const leastRefreshMs = 1000;

/** What was given in the place of a path; undefined for a path. It is not quoted, here or as a file that does not exist: it may be a key. */
function noPath(path: unknown): string | undefined {
  if (path instanceof Uint8Array || (typeof path === "string" && path.includes("-----BEGIN ")))
    return "what is in a file";
  if (typeof path !== "string") return kindOf(path);
  if (path === "") return "empty";
  return path.includes("\0") ? "a text with a NUL" : undefined;
}

/** What is wrong with the options, in a sentence. */
export function certificateFilesProblem(options: CertificateFilesOptions): string | undefined {
  const misnamed = nameProblem("certificateFiles", options, Object.keys(names));
  if (misnamed !== undefined) return misnamed;
  const { certificate, key, pfx, passphrase, refreshMs = defaultRefreshMs } = options;
  for (const name of paths) {
    const path: unknown = options[name];
    const wrong = path === undefined ? undefined : noPath(path);
    if (wrong === undefined) continue;
    return `${name} is ${wrong}: expected the path of a ${name === "crlDirectory" ? "folder" : "file"}`;
  }
  if (paths.every((name) => options[name] === undefined)) return `no file is given: expected ${paths.join(", ")}`;
  if ((certificate === undefined) !== (key === undefined))
    return "certificate and key go together: one of them is missing";
  if (pfx !== undefined && key !== undefined) return "pfx stands in place of certificate and key: expected one of them";
  if (passphrase !== undefined && pfx === undefined && key === undefined) {
    return "passphrase is of a key or a PKCS#12 file, and none is given";
  }
  if (!(refreshMs >= leastRefreshMs)) {
    return `refreshMs is ${String(refreshMs)}: expected a number of milliseconds of ${leastRefreshMs} or more`;
  }
  return undefined;
}
