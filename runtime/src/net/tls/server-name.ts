import type { PeerIdentity } from "../../base/tls.js";
import { parseSpiffeId } from "../../credentials/spiffe/spiffe-id.js";
import { ipBytes } from "../../resolver/ip-bytes.js";

const spiffeScheme = "spiffe://";
/** Labels of a host's name (RFC 1123 §2.1), and underscores, which some names have inside a network. */
const hostPattern = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;
const wildcard = "*.";
/** Names that a sentence tells. */
const toldNames = 4;

/** A name that a server has to prove. */
export type ServerName =
  | { readonly kind: "host"; readonly text: string /** Lower case, without a final dot. */; readonly host: string }
  | { readonly kind: "ip"; readonly text: string; readonly bytes: Uint8Array }
  | { readonly kind: "spiffe"; readonly text: string };

/**
 * Undefined when nobody can prove it. Letters outside ASCII are not mapped: a name that looks like another one, by its
 * dots or its case, must not become it (CVE-2026-48618).
 */
export function parseServerName(text: string): ServerName | undefined {
  if (text.startsWith(spiffeScheme)) return "value" in parseSpiffeId(text) ? { kind: "spiffe", text } : undefined;
  const bytes = ipBytes(text);
  if (bytes !== undefined) return { kind: "ip", text, bytes };
  const host = lowerCase(text.endsWith(".") ? text.slice(0, -1) : text);
  return hostPattern.test(host) ? { kind: "host", text, host } : undefined;
}

/**
 * Whether a certificate is for this name (RFC 9525 §6): addresses by their bytes, SPIFFE IDs as they stand, hosts without
 * regard to the case of ASCII. The subject's common name counts for nothing.
 */
export function isNamed(identity: PeerIdentity, name: ServerName): boolean {
  switch (name.kind) {
    case "spiffe":
      return identity.spiffeId === name.text;
    case "ip":
      return identity.ipAddresses.some((address) => isEqual(ipBytes(address), name.bytes));
    case "host":
      return identity.dnsNames.some((pattern) => isHostNamed(lowerCase(pattern), name.host));
  }
}

/** A wildcard stands for the whole of the left-most label, and two labels at least stand behind it. */
function isHostNamed(pattern: string, host: string): boolean {
  if (!pattern.startsWith(wildcard)) return hostPattern.test(pattern) && pattern === host;
  const domain = pattern.slice(wildcard.length);
  const dot = host.indexOf(".");
  return hostPattern.test(domain) && domain.includes(".") && dot > 0 && host.slice(dot + 1) === domain;
}

/** `certificate is for db.internal, api.internal was asked for`. */
export function mismatch(identity: PeerIdentity, asked: string): string {
  return `certificate is for ${namesOf(identity)}, ${asked} was asked for`;
}

function namesOf({ dnsNames, ipAddresses, uris, subject }: PeerIdentity): string {
  const names = [...dnsNames, ...ipAddresses, ...uris];
  if (names.length === 0) return `no host at all (its subject is ${subject === "" ? "empty" : subject})`;
  const more = names.length - toldNames;
  return more > 0 ? `${names.slice(0, toldNames).join(", ")} and ${more} more` : names.join(", ");
}

/** ASCII alone: in Unicode, letters fold that are not the same in DNS (the Kelvin sign, the dotless i). */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function isEqual(left: Uint8Array | undefined, right: Uint8Array): boolean {
  return left !== undefined && left.length === right.length && left.every((byte, at) => byte === right[at]);
}
