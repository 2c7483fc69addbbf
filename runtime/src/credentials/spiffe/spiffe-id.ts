import type { Parsed } from "../../base/parsed.js";

/** Name of a workload (SPIFFE-ID §2): `spiffe://prod.example/shop/cart`. */
export interface SpiffeId {
  readonly trustDomain: string;
  /** `/shop/cart`; empty for the trust domain itself. */
  readonly path: string;
}

const prefix = "spiffe://";

/** SPIFFE-ID §2.3. */
const maxIdBytes = 2048;
const maxTrustDomainBytes = 255;

/** Parses strictly, as the implementations of SPIFFE do: what could be written in two ways is refused. */
export function parseSpiffeId(text: string): Parsed<SpiffeId> {
  if (!text.startsWith(prefix)) return { error: `does not begin with ${prefix}` };
  if (text.length > maxIdBytes) return { error: `is ${text.length} characters long, limit ${maxIdBytes}` };
  const slash = text.indexOf("/", prefix.length);
  const trustDomain = slash < 0 ? text.slice(prefix.length) : text.slice(prefix.length, slash);
  const path = slash < 0 ? "" : text.slice(slash);
  const problem = trustDomainProblem(trustDomain) ?? pathProblem(path);
  return problem === undefined ? { value: { trustDomain, path } } : { error: problem };
}

/** What is wrong with the name of a trust domain, in one clause. */
export function trustDomainProblem(name: string): string | undefined {
  if (name === "") return "has no trust domain";
  if (name.length > maxTrustDomainBytes) {
    return `has a trust domain of ${name.length} characters, limit ${maxTrustDomainBytes}`;
  }
  if (/^[a-z0-9._-]+$/.test(name)) return undefined;
  return "has a trust domain with characters other than a-z, 0-9, dot, dash and underscore";
}

function pathProblem(path: string): string | undefined {
  if (path === "") return undefined;
  const segments = path.slice(1).split("/");
  if (segments.includes("")) return "has an empty segment in its path";
  if (segments.some((segment) => segment === "." || segment === "..")) return "has a relative segment in its path";
  if (segments.every((segment) => /^[a-zA-Z0-9._-]+$/.test(segment))) return undefined;
  return "has a path with characters other than letters, digits, dot, dash and underscore";
}
