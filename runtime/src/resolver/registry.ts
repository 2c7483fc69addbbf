import { dnsResolver } from "./dns/dns.js";
import { fileResolver } from "./file/file.js";
import { inprocResolver } from "./inproc.js";
import { ipv4Resolver, ipv6Resolver } from "./ip.js";
import { passthroughResolver } from "./passthrough.js";
import type { ResolverFactory } from "./resolver.js";
import { staticListResolver } from "./static.js";
import { unixAbstractResolver, unixResolver } from "./unix.js";

const builtIn: readonly ResolverFactory[] = [
  /* @__PURE__ */ dnsResolver(),
  ipv4Resolver,
  ipv6Resolver,
  unixResolver,
  unixAbstractResolver,
  inprocResolver,
  staticListResolver,
  fileResolver,
  passthroughResolver,
];

// Pure, so that a bundler leaves the resolvers out of a program that has no channel.
const builtInByScheme: ReadonlyMap<string, ResolverFactory> = /* @__PURE__ */ new Map(
  /* @__PURE__ */ builtIn.map((factory) => [factory.scheme, factory]),
);

const schemePattern = /^[a-z][a-z0-9+.-]*$/;

/** Those of `registerResolver`, by scheme. */
const ofProcess = new Map<string, ResolverFactory>();

/**
 * Makes a resolver known to every channel that this process creates from now on, in place of a built-in one of the same
 * scheme. A channel's own `resolvers` go before it; channels that exist keep what they have.
 *
 * A scheme is registered once: two libraries that both want it are a fault that should be seen, so the second throws
 * Error. The same factory may be given again. Returns what takes it back. Throws TypeError when the scheme cannot stand in
 * a URI. (grpc-js: experimental.registerResolver)
 */
export function registerResolver(factory: ResolverFactory): () => void {
  checkScheme(factory);
  const { scheme } = factory;
  const holder = ofProcess.get(scheme);
  if (holder !== undefined && holder !== factory) {
    throw new Error(`a resolver for scheme "${scheme}" is registered already: expected one for each scheme`);
  }
  ofProcess.set(scheme, factory);
  return () => {
    if (ofProcess.get(scheme) === factory) ofProcess.delete(scheme);
  };
}

/** The resolvers of one channel, by scheme, as they were when it was made. */
export class ResolverRegistry {
  /** Those that are not built in; undefined where there are none. */
  readonly #added: ReadonlyMap<string, ResolverFactory> | undefined;

  /**
   * @param own Go before those of the process, which go before the built-in ones; the last of one scheme before those in
   * front of it. Throws TypeError when a scheme cannot stand in a URI.
   */
  constructor(own: readonly ResolverFactory[] = []) {
    if (own.length === 0 && ofProcess.size === 0) return;
    const added = new Map(ofProcess);
    for (const factory of own) {
      checkScheme(factory);
      added.set(factory.scheme, factory);
    }
    this.#added = added;
  }

  find(scheme: string): ResolverFactory | undefined {
    return this.#added?.get(scheme) ?? builtInByScheme.get(scheme);
  }
}

function checkScheme({ scheme }: ResolverFactory): void {
  if (schemePattern.test(scheme)) return;
  throw new TypeError(
    `resolver scheme ${JSON.stringify(scheme)} is not valid: expected a lower-case letter, then letters, digits, "+", "." and "-"`,
  );
}
