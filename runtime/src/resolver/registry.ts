import { dnsResolver } from "./dns.js";
import { inprocResolver } from "./inproc.js";
import { ipv4Resolver, ipv6Resolver } from "./ip.js";
import { passthroughResolver } from "./passthrough.js";
import type { ResolverFactory } from "./resolver.js";
import { unixAbstractResolver, unixResolver } from "./unix.js";

const builtIn: readonly ResolverFactory[] = [
  dnsResolver,
  ipv4Resolver,
  ipv6Resolver,
  unixResolver,
  unixAbstractResolver,
  inprocResolver,
  passthroughResolver,
];

const schemePattern = /^[a-z][a-z0-9+.-]*$/;

/** The resolvers of one channel, by scheme. There is no list for the whole process that one channel could change for another. */
export class ResolverRegistry {
  readonly #byScheme = new Map<string, ResolverFactory>();

  /**
   * @param own Go before the built-in ones, and the last of one scheme before those in front of it.
   * Throws TypeError when a scheme cannot stand in a URI.
   */
  constructor(own: readonly ResolverFactory[] = []) {
    for (const factory of builtIn) this.#byScheme.set(factory.scheme, factory);
    for (const factory of own) {
      if (!schemePattern.test(factory.scheme)) {
        throw new TypeError(
          `resolver scheme ${JSON.stringify(factory.scheme)} is not valid: expected a lower-case letter, then letters, digits, "+", "." and "-"`,
        );
      }
      this.#byScheme.set(factory.scheme, factory);
    }
  }

  find(scheme: string): ResolverFactory | undefined {
    return this.#byScheme.get(scheme);
  }
}
