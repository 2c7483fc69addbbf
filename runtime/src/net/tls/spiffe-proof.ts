import type { X509Certificate } from "node:crypto";
import type { SpiffeBundleMap } from "../../credentials/spiffe/spiffe-bundle.js";
import { spiffeTrust } from "../../credentials/spiffe/spiffe-verification.js";
import { readCertificate } from "./read-certificate.js";

/** Certificates that a peer may show besides its own. Two are usual. */
const maxShown = 10;

/**
 * Why a chain does not prove the SPIFFE ID of its leaf, in one clause (gRFC A87). OpenSSL has verified it, with the roots of
 * all trust domains together: it cannot choose them by what the leaf says. So it is asked here where the chain may have ended:
 * every root that signatures lead to from the leaf, by whichever way, must be one of its trust domain. Then OpenSSL's way ended at
 * one of these, and all that OpenSSL looks at besides signatures counts. Where ways lead to another trust domain too, nobody
 * knows which was taken, and the peer is refused.
 * @param leaf As the handshake gave it: what was shown behind it is its `issuerCertificate`, and so on.
 */
export function spiffeProblem(
  leaf: X509Certificate,
  uris: readonly string[],
  bundles: SpiffeBundleMap,
): string | undefined {
  const trust = spiffeTrust({ uris, isAuthority: leaf.ca }, bundles);
  if ("error" in trust) return trust.error;
  const { trustDomain } = trust.value.id;
  const reached = reachedRoots(leaf, rootsOf(bundles));
  if (typeof reached === "string") return reached;
  const own = `the roots of trust domain ${trustDomain}`;
  if (!reached.some(({ domains }) => domains.has(trustDomain))) return `certificate does not lead to ${own}`;
  const foreign = reached.find(({ domains }) => !domains.has(trustDomain));
  if (foreign === undefined) return undefined;
  const [other] = foreign.domains;
  return `certificate leads to ${own} and to those of ${other}: it is not clear whose it is`;
}

interface Root {
  readonly certificate: X509Certificate;
  /** Trust domains that have it in their bundle. */
  readonly domains: Set<string>;
}

/** By their fingerprints. */
type Roots = ReadonlyMap<string, Root>;

const parsed = new WeakMap<SpiffeBundleMap, Roots>();

function rootsOf(bundles: SpiffeBundleMap): Roots {
  const known = parsed.get(bundles);
  if (known !== undefined) return known;
  const roots = new Map<string, Root>();
  for (const [domain, ders] of bundles) {
    for (const der of ders) {
      const certificate = readCertificate(der);
      const root = roots.get(certificate.fingerprint256) ?? { certificate, domains: new Set() };
      root.domains.add(domain);
      roots.set(certificate.fingerprint256, root);
    }
  }
  parsed.set(bundles, roots);
  return roots;
}

/** All roots that are on any way of signatures from the leaf. A clause when the peer shows too much to look at. */
function reachedRoots(leaf: X509Certificate, roots: Roots): readonly Root[] | string {
  const shown: X509Certificate[] = [];
  for (let next = leaf.issuerCertificate; next !== undefined; next = next.issuerCertificate) {
    if (shown.push(next) > maxShown) return `certificate comes with more than ${maxShown} others`;
  }
  const reached = new Set<Root>();
  const waiting = [leaf];
  const seen = new Set(waiting);
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    const same = roots.get(one.fingerprint256);
    if (same !== undefined) reached.add(same);
    for (const root of roots.values()) if (isSignedBy(one, root.certificate)) reached.add(root);
    for (const issuer of shown) {
      if (seen.has(issuer) || !isSignedBy(one, issuer)) continue;
      seen.add(issuer);
      waiting.push(issuer);
    }
  }
  return [...reached];
}

/** `checkIssued` is what OpenSSL itself builds chains by. A key of another kind than the signature may throw. */
function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}
