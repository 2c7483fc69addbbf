import type { Peer } from "./platform.js";

/**
 * Whom connections are counted for: each has a port of its own, and whoever has one IPv6 address mostly has the 2^64 beside it
 * (RFC 6177).
 */
export function hostOf({ address }: Peer): string {
  if (address.startsWith("ipv6:[")) return networkOf(address.slice("ipv6:[".length, address.lastIndexOf("]")));
  return address.startsWith("ipv4:") ? address.slice(0, address.lastIndexOf(":")) : address;
}

/** The first 64 bits of an IPv6 address, in the form in which systems write it (RFC 5952). */
function networkOf(host: string): string {
  const [head = "", tail] = host.split("::");
  const groups = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  while (groups.length + last.length < 8) groups.push("0");
  return [...groups, ...last].slice(0, 4).join(":");
}
