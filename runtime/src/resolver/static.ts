import type { Platform } from "../base/platform.js";
import type { Endpoint } from "./endpoint.js";
import type { Resolver, ResolverFactory, ResolverListener, ResolverResult } from "./resolver.js";
import { encodeAuthority, endpointName } from "./target.js";

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

/** A scheme of one's own for a fixed list of endpoints: `resolvers: [staticResolver("shop", [{ addresses: [...] }])]`. */
export function staticResolver(scheme: string, endpoints: readonly Endpoint[]): ResolverFactory {
  const result: ResolverResult = { endpoints: { value: endpoints } };
  return {
    scheme,
    create: (_target, options) => ({ value: new StaticResolver(options.platform, result) }),
    defaultAuthority: (target) => encodeAuthority(endpointName(target)) || "localhost",
  };
}
