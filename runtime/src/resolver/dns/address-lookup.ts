import type { DnsAddress, DnsClient } from "../../base/dns-client.js";
import type { Millis, Platform } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import type { Endpoint } from "../endpoint.js";

export interface FoundAddresses {
  readonly addresses: readonly string[];
  /** Undefined where nobody said how long they hold. */
  readonly ttlMs: Millis | undefined;
  /** What is missing, in one clause. */
  readonly note: string | undefined;
}

/** Finds the IP addresses of a host. Rejects, with one sentence, when there are none. */
export interface AddressLookup {
  find(host: string): Promise<FoundAddresses>;
  /** Other hosts are not asked for any more. */
  retain(hosts: ReadonlySet<string>): void;
}

/** DNS does not say which addresses are one server's: each is an endpoint of its own (gRFC A61). */
export function addressEndpoints(hosts: readonly string[], port: number): readonly Endpoint[] {
  return hosts.map((host): Endpoint => ({ addresses: [{ transport: "tcp", host, port }] }));
}

/** As every other program of this host finds them. */
export class SystemAddresses implements AddressLookup {
  readonly #platform: Platform;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  async find(host: string): Promise<FoundAddresses> {
    return { addresses: await this.#platform.lookup(host), ttlMs: undefined, note: undefined };
  }

  retain(): void {
    // Nothing is kept.
  }
}

/** Records of one kind that are used: an answer may hold four thousand, and each may become a connection. */
const maxRecords = 1000;

/** `note`: what is missing, in one clause. */
interface Answer {
  readonly records: readonly DnsAddress[];
  readonly note?: string;
}

/** A and AAAA records. */
export class DnsAddresses implements AddressLookup {
  readonly #client: DnsClient;
  /** What is said of where the answers come from: "" or " at 8.8.8.8:53". */
  readonly #where: string;
  /** The last answer of each kind: a query that is lost must not look like servers that are gone. */
  readonly #last = new Map<string, readonly DnsAddress[]>();

  constructor(client: DnsClient, where: string) {
    this.#client = client;
    this.#where = where;
  }

  async find(host: string): Promise<FoundAddresses> {
    // IPv6 first, as RFC 6724 would have it where both can be reached; policies try both in turn (gRFC A61).
    const [v6, v4] = await Promise.all([this.#ask(host, 6), this.#ask(host, 4)]);
    const records = [...v6.records, ...v4.records];
    const note = v6.note ?? v4.note;
    if (records.length === 0) {
      throw new Error(note ?? `cannot resolve ${host}${this.#where}: it has no A and no AAAA record`);
    }
    const ttlMs = Math.min(...records.map((record) => record.ttlMs));
    return { addresses: records.map(({ address }) => address), ttlMs, note };
  }

  retain(hosts: ReadonlySet<string>): void {
    for (const key of this.#last.keys()) {
      if (!hosts.has(key.slice(2))) this.#last.delete(key);
    }
  }

  async #ask(host: string, family: 4 | 6): Promise<Answer> {
    const key = `${family} ${host}`;
    try {
      const all = await this.#client.addresses(host, family);
      const records = all.slice(0, maxRecords);
      this.#last.set(key, records);
      if (records.length === all.length) return { records };
      return { records, note: `${host} has ${all.length} addresses of IPv${family}, of which ${maxRecords} are used` };
    } catch (error) {
      return { records: this.#last.get(key) ?? [], note: textOfThrown(error) };
    }
  }
}
