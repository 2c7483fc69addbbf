import type { Address } from "../../base/platform.js";
import { addressKey, type Endpoint } from "../../resolver/endpoint.js";
import { isIpv4 } from "../../resolver/ip-literal.js";
import { shuffled, shuffledByWeight } from "../shuffle.js";

/** The addresses of all endpoints in the order in which they are tried: one behind the other, each once, families in turn (gRFC A61). */
export function addressList(endpoints: readonly Endpoint[]): readonly Address[] {
  const byKey = new Map<string, Address>();
  for (const endpoint of endpoints) {
    for (const address of endpoint.addresses) {
      const key = addressKey(address);
      if (!byKey.has(key)) byKey.set(key, address);
    }
  }
  return interleaved([...byKey.values()]);
}

/** gRFC A62; where the resolver gave them weights, by weight (gRFC A113). Addresses of one endpoint stay as they are. */
export function shuffledEndpoints(endpoints: readonly Endpoint[], random: () => number): readonly Endpoint[] {
  const first = weightOf(endpoints[0]);
  if (endpoints.every((endpoint) => weightOf(endpoint) === first)) return shuffled(endpoints, random);
  return shuffledByWeight(endpoints, weightOf, random);
}

export function isSameAddress(a: Address, b: Address): boolean {
  return addressKey(a) === addressKey(b);
}

function weightOf(endpoint: Endpoint | undefined): number {
  return endpoint?.attributes?.weight ?? 1;
}

/** RFC 8305 §4: one of each family in turn, beginning with that of the first, so that a family that does not work costs one try. */
function interleaved(addresses: readonly Address[]): readonly Address[] {
  const families = new Map<string, Address[]>();
  for (const address of addresses) {
    const family = familyOf(address);
    const members = families.get(family);
    if (members === undefined) families.set(family, [address]);
    else members.push(address);
  }
  if (families.size < 2) return addresses;
  const result: Address[] = [];
  for (let turn = 0; result.length < addresses.length; turn++) {
    for (const members of families.values()) {
      const member = members[turn];
      if (member !== undefined) result.push(member);
    }
  }
  return result;
}

function familyOf(address: Address): string {
  if (address.transport !== "tcp") return address.transport;
  if (address.host.includes(":")) return "ipv6";
  return isIpv4(address.host) ? "ipv4" : "name";
}
