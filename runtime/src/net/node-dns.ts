import type { Resolver } from "node:dns/promises";
import type { DnsAddress, DnsClient, DnsService } from "../base/dns-client.js";
import { isPlainHost } from "./address-check.js";
import { nodeDns } from "./node-modules.js";
import { inRootScope } from "./root-scope.js";
import { dnsError, errorCode } from "./system-error.js";

/** A server that says nothing is asked again after 2 s, then after 4 s and 8 s more: 14 s in all. */
const patience = { timeout: 2000, tries: 3 };

/** The server says that there are none: no such name, or none of this kind. */
const noneCodes: ReadonlySet<string> = new Set(["ENODATA", "ENOTFOUND"]);

function createResolver(): Resolver {
  const { Resolver: CaresResolver } = nodeDns();
  return new CaresResolver(patience);
}

/** c-ares, as Node brings it. */
export class NodeDnsClient implements DnsClient {
  readonly #server: string;
  readonly #resolver = inRootScope(createResolver);

  /** @param server `address` or `address:port`; "" for those of the system. Throws TypeError when it is no address. */
  constructor(server: string) {
    this.#server = server;
    if (server === "") return;
    try {
      this.#resolver.setServers([server]);
    } catch (cause) {
      throw new TypeError(`DNS server is "${server}": expected an IP address, with or without a port`, { cause });
    }
  }

  async addresses(host: string, family: 4 | 6): Promise<readonly DnsAddress[]> {
    // Node tells the TTLs of the first 256 records alone. Those of one name and kind are alike (RFC 2181 §5.2).
    const found: { address: string; ttl?: number }[] = await this.#ask(host, (resolver) =>
      family === 4 ? resolver.resolve4(host, { ttl: true }) : resolver.resolve6(host, { ttl: true }),
    );
    const shortest = Math.min(...found.map(({ ttl }) => ttl ?? Number.POSITIVE_INFINITY));
    return found.map(({ address, ttl = shortest }) => ({ address, ttlMs: ttl * 1000 }));
  }

  async services(name: string): Promise<readonly DnsService[]> {
    const found = await this.#ask(name, (resolver) => resolver.resolveSrv(name));
    return found.map(({ name: host, port, priority, weight }) => ({ host, port, priority, weight }));
  }

  async texts(name: string): Promise<readonly string[]> {
    const found = await this.#ask(name, (resolver) => resolver.resolveTxt(name));
    return found.map((strings) => strings.join(""));
  }

  cancel(): void {
    this.#resolver.cancel();
  }

  async #ask<T>(name: string, question: (resolver: Resolver) => Promise<T[]>): Promise<T[]> {
    if (!isPlainHost(name)) {
      throw new Error(`cannot resolve ${JSON.stringify(name)}: host is empty or has a space or a control character`);
    }
    try {
      return await inRootScope(question, this.#resolver);
    } catch (cause) {
      if (noneCodes.has(errorCode(cause))) return [];
      throw dnsError(name, this.#server, cause);
    }
  }
}
