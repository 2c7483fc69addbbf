import type { DnsClient, DnsService } from "../../base/dns-client.js";
import type { Address } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { type Endpoint, hostPortName } from "../endpoint.js";
import type { AddressLookup } from "./address-lookup.js";

/** An answer may hold thousands of records, and each has to be looked up. */
const maxServices = 256;

/** Of one host, which is one server: thousands for each record would be more than a channel can bear. */
const maxHostAddresses = 32;

/** The SRV name of a host (RFC 2782): `_grpc._tcp.shop` for shop; a host with an underscore in front is one already. */
export function serviceName(host: string): string {
  return host.startsWith("_") ? host : `_grpc._tcp.${host}`;
}

export interface FoundServices {
  readonly endpoints: readonly Endpoint[];
  /** What is missing, in one clause. */
  readonly note: string | undefined;
}

/** SRV records: an endpoint for each one of the lowest priority, with all addresses of its host. */
export class ServiceLookup {
  readonly #client: DnsClient;
  readonly #name: string;
  readonly #addresses: AddressLookup;
  /** Of the last look: a host that cannot be looked up now must not look like a server that is gone. */
  #last: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(client: DnsClient, name: string, addresses: AddressLookup) {
    this.#client = client;
    this.#name = name;
    this.#addresses = addresses;
  }

  /** Rejects with one sentence when no address was found. */
  async find(): Promise<FoundServices> {
    const name = this.#name;
    const all = (await this.#client.services(name)).filter(({ host }) => host !== "");
    if (all.length === 0) throw new Error(`cannot resolve ${name}: it has no SRV record`);
    const lowest = Math.min(...all.map(({ priority }) => priority));
    const preferred = all.filter(({ priority }) => priority === lowest);
    const services = preferred.slice(0, maxServices);
    const problems = await this.#findHosts(new Set(services.map(({ host }) => host)));
    const endpoints = services.flatMap((service) => endpointOf(service, this.#last.get(service.host) ?? []));
    if (endpoints.length === 0) throw new Error(problems[0] ?? `cannot resolve ${name}: its hosts have no address`);
    if (services.length < preferred.length) {
      problems.push(`${name} has ${preferred.length} SRV records, of which ${maxServices} are used`);
    }
    return { endpoints, note: problems[0] };
  }

  async #findHosts(hosts: ReadonlySet<string>): Promise<string[]> {
    const problems: string[] = [];
    const found = new Map<string, readonly string[]>();
    const findHost = async (host: string): Promise<void> => {
      try {
        found.set(host, (await this.#addresses.find(host)).addresses.slice(0, maxHostAddresses));
      } catch (error) {
        problems.push(textOfThrown(error));
        found.set(host, this.#last.get(host) ?? []);
      }
    };
    await Promise.all([...hosts].map(findHost));
    this.#addresses.retain(hosts);
    this.#last = found;
    return problems;
  }
}

/** None where the host has no address. */
function endpointOf({ host, port, weight }: DnsService, addresses: readonly string[]): readonly Endpoint[] {
  const [first, ...rest] = addresses.map((address): Address => ({ transport: "tcp", host: address, port }));
  if (first === undefined) return [];
  // RFC 2782: where others have a weight, one of 0 has a small chance all the same.
  const attributes = { id: hostPortName(host, port), weight: Math.max(weight, 1) };
  return [{ addresses: [first, ...rest], attributes }];
}
