import type { Peer } from "../base/platform.js";

const anonymous: readonly string[] = Object.freeze([""]);

/**
 * What the principals of a rule are compared with (gRFC A43, A41): the identities of the certificate that was verified, or
 * the empty text when there is TLS and no such certificate, or none that names anybody. Undefined without TLS, also on a unix socket and within the
 * process: nothing is proved there, and no principal matches.
 */
export function principalsOf(peer: Peer | undefined): readonly string[] | undefined {
  if (peer?.security !== "tls") return undefined;
  const principals = peer.tls?.identity?.principals ?? anonymous;
  return principals.length === 0 ? anonymous : principals;
}
