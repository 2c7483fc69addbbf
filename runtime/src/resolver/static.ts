import type { Parsed } from "../base/parsed.js";
import type { Address, Platform } from "../base/platform.js";
import { parseAddress } from "./address-text.js";
import type { Endpoint } from "./endpoint.js";
import type { Resolver, ResolverFactory, ResolverListener, ResolverResult } from "./resolver.js";
import { encodeAuthority, endpointName, looksLikePort, type Target, unusedPart } from "./target.js";

/** Tells one result, once: for names whose addresses are known beforehand. */
export class StaticResolver implements Resolver {
  readonly #platform: Platform;
  readonly #result: ResolverResult;
  #closed = false;

  constructor(platform: Platform, result: ResolverResult) {
    this.#platform = platform;
    this.#result = result;
  }

  start(listener: ResolverListener): void {
    this.#platform.scheduleTurn(() => {
      if (!this.#closed) listener.onResult(this.#result);
    });
  }

  resolveNow(): void {
    // The answer would be the same.
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

/**
 * A scheme of one's own for endpoints that never change: `resolvers: [staticResolver("shop", [{ addresses: [...] }])]`.
 * @param found Endpoints, or a whole result with a service config.
 */
export function staticResolver(scheme: string, found: readonly Endpoint[] | ResolverResult): ResolverFactory {
  const result: ResolverResult = "endpoints" in found ? found : { endpoints: { value: found } };
  return {
    scheme,
    create: (_target, options) => ({ value: new StaticResolver(options.platform, result) }),
    defaultAuthority: (target) => encodeAuthority(endpointName(target)) || "localhost",
  };
}

/** `static:address[,address,...]`: host names, addresses of both IP versions and sockets side by side, each an endpoint. */
export const staticListResolver: ResolverFactory = {
  scheme: "static",
  create(target, options) {
    const list = parseList(target, options.defaultPort);
    if ("error" in list) return list;
    const endpoints = list.value.map((address): Endpoint => ({ addresses: [address] }));
    return { value: new StaticResolver(options.platform, { endpoints: { value: endpoints } }) };
  },
  defaultAuthority(target) {
    const first = endpointName(target).split(",")[0] ?? "";
    const address = parseAddress(first, 0);
    return "value" in address && address.value.transport === "tcp" ? encodeAuthority(first) : "localhost";
  },
};

function parseList(target: Target, defaultPort: number): Parsed<readonly Address[]> {
  const problem = unusedPart(target, "authority", "query") ?? looksLikePort(target);
  if (problem !== undefined) return { error: problem };
  const list: Address[] = [];
  for (const text of endpointName(target).split(",")) {
    const parsed = parseAddress(text, defaultPort);
    if ("error" in parsed) return { error: `address is "${text}": ${parsed.error}` };
    list.push(parsed.value);
  }
  return { value: list };
}
