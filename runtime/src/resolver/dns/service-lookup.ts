import type { DnsClient, DnsService } from "../../base/dns-client.js";
import type { Address } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { type Endpoint, hostPortName } from "../endpoint.js";
import type { AddressLookup } from "./address-lookup.js";

/** An answer may hold thousands of records, and each has to be looked up. */
const maxServices = 256;

/** The SRV name of a host (RFC 2782): `_grpc._tcp.shop` for shop; a host with an underscore in front is one already. */
export function serviceName(host: string): string {
  return host.startsWith("_") ? host : `_grpc._tcp.${host}`;
}

/**
 * One endpoint for each SRV record of the lowest priority, with all addresses of its host. Node tells no TTL of SRV
 * records, and that of the addresses says nothing of when servers come or go.
 */
export async function findServices(
  client: DnsClient,
  name: string,
  addresses: AddressLookup,
): Promise<{ endpoints: readonly Endpoint[]; ttlMs: undefined; note: string | undefined }> {
  const all = (await client.services(name)).filter(({ host }) => host !== "");
  if (all.length === 0) throw new Error(`cannot resolve ${name}: it has no SRV record`);
  const lowest = Math.min(...all.map(({ priority }) => priority));
  const preferred = all.filter(({ priority }) => priority === lowest);
  const services = preferred.slice(0, maxServices);
  const found = await Promise.all(services.map((service) => findEndpoint(service, addresses)));
  addresses.retain(new Set(services.map(({ host }) => host)));
  const endpoints = found.filter((endpoint) => typeof endpoint !== "string");
  const problems = found.filter((endpoint) => typeof endpoint === "string");
  if (endpoints.length === 0) throw new Error(problems[0]);
  if (services.length < preferred.length) {
    problems.push(`${name} has ${preferred.length} SRV records, of which ${maxServices} are used`);
  }
  return { endpoints, ttlMs: undefined, note: problems[0] };
}

/** A sentence where the host has no address. */
async function findEndpoint(service: DnsService, lookup: AddressLookup): Promise<Endpoint | string> {
  const { host, port, weight } = service;
  try {
    const { addresses } = await lookup.find(host);
    const [first, ...rest] = addresses.map((address): Address => ({ transport: "tcp", host: address, port }));
    if (first === undefined) return `cannot resolve ${host}: it has no address`;
    // RFC 2782: where others have a weight, one of 0 has a small chance all the same.
    const attributes = { id: hostPortName(host, port), weight: Math.max(weight, 1) };
    return { addresses: [first, ...rest], attributes };
  } catch (error) {
    return textOfThrown(error);
  }
}
