import type { Parsed } from "../../base/parsed.js";
import { show } from "../../service-config/json.js";
import type { SpiffeBundleMap } from "./spiffe-bundle.js";
import { parseSpiffeId, type SpiffeId } from "./spiffe-id.js";

/** Of a peer's own certificate, before anyone has verified it. */
export interface SpiffeClaim {
  /** URI SANs. */
  readonly uris: readonly string[];
  /** Whether it may sign certificates itself. */
  readonly isAuthority: boolean;
}

/** Whom a peer claims to be, and the only roots that can prove it. */
export interface SpiffeTrust {
  readonly id: SpiffeId;
  /** DER. */
  readonly roots: readonly Uint8Array[];
}

/**
 * gRFC A87: exactly one URI SAN, which is a SPIFFE ID, whose trust domain chooses the roots. X509-SVID §5.2: authorities are
 * nobody's identity. The chain is still to be verified, with these roots and no others.
 */
export function spiffeTrust(claim: SpiffeClaim, bundles: SpiffeBundleMap): Parsed<SpiffeTrust> {
  const id = soleSpiffeId(claim.uris);
  if ("error" in id) return id;
  if (claim.isAuthority) return { error: "certificate is an authority's, expected a workload's" };
  const { trustDomain } = id.value;
  const roots = bundles.get(trustDomain);
  if (roots === undefined)
    return { error: `certificate is of trust domain ${trustDomain}, which is not in the bundle map` };
  if (roots.length === 0) return { error: `certificate is of trust domain ${trustDomain}, whose bundle is empty` };
  return { value: { id: id.value, roots } };
}

/** What the URI SANs of a certificate name when they name one workload and nothing else. */
export function soleSpiffeId(uris: readonly string[]): Parsed<SpiffeId> {
  const [uri, ...others] = uris;
  if (uri === undefined) return { error: "certificate has no URI SAN, expected a SPIFFE ID" };
  if (others.length > 0) return { error: `certificate has ${uris.length} URI SANs, expected one SPIFFE ID` };
  const id = parseSpiffeId(uri);
  return "error" in id ? { error: `certificate has the URI SAN ${show(uri)}, which ${id.error}` } : id;
}
