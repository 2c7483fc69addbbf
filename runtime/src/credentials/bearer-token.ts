import type { Platform } from "../base/platform.js";
import { isThenable } from "../base/thenable.js";
import type { CallCredentials, CallCredentialsContext } from "../rpc/call-credentials.js";
import type { MetadataInit } from "../rpc/metadata.js";
import { CachedToken, type IssuedToken } from "./cached-token.js";

/** A token, and when it expires. */
export interface AccessToken {
  readonly token: string;
  readonly expiresAt: Date;
}

/** RFC 6750 §2.1, b64token. */
const tokenPattern = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * Sends `authorization: Bearer <token>` (RFC 6750) with each attempt of a call.
 *
 * @param token The token, or what gives it: asked for each attempt, with nothing kept. See refreshedToken for one that expires.
 * (grpc-js: credentials.createFromMetadataGenerator)
 */
export function bearerToken(
  token: string | ((call: CallCredentialsContext) => string | Promise<string>),
): CallCredentials {
  if (typeof token === "function") return new AskedToken(token);
  if (typeof token !== "string") throw new TypeError(`token is a ${typeof token}: expected a string or a function`);
  const fixed = bearer(token);
  return new AskedToken(() => token, fixed);
}

/**
 * Like bearerToken for a token that expires: `fetch` is called, with the channel's platform, when the first call needs one,
 * and again before it expires; meanwhile the token at hand is used. One call of it runs at a time, and one that failed is tried again after 1 s, then up
 * to a minute later.
 */
export function refreshedToken(fetch: (platform: Platform) => AccessToken | Promise<AccessToken>): CallCredentials {
  if (typeof fetch !== "function") throw new TypeError(`fetch is a ${typeof fetch}: expected a function`);
  return new RefreshedToken(async (platform) => lifetimeOf(await fetch(platform), platform));
}

/** `authorization` with the token of a cache. */
export class RefreshedToken implements CallCredentials {
  readonly #token: CachedToken;
  /** What was sent last: most calls send the same. */
  #last: { readonly token: string; readonly metadata: MetadataInit } | undefined;

  constructor(issue: (platform: Platform) => Promise<IssuedToken>) {
    this.#token = new CachedToken(issue);
  }

  metadata({ platform }: CallCredentialsContext): MetadataInit | Promise<MetadataInit> {
    const token = this.#token.get(platform);
    return typeof token === "string" ? this.#metadataOf(token) : token.then((late) => this.#metadataOf(late));
  }

  #metadataOf(token: string): MetadataInit {
    if (this.#last?.token !== token) this.#last = { token, metadata: bearer(token) };
    return this.#last.metadata;
  }
}

/** Nothing that prints it prints the token: it is in private fields. */
class AskedToken implements CallCredentials {
  readonly #ask: (call: CallCredentialsContext) => string | Promise<string>;
  readonly #fixed: MetadataInit | undefined;

  constructor(ask: (call: CallCredentialsContext) => string | Promise<string>, fixed?: MetadataInit) {
    this.#ask = ask;
    this.#fixed = fixed;
  }

  metadata(call: CallCredentialsContext): MetadataInit | Promise<MetadataInit> {
    if (this.#fixed !== undefined) return this.#fixed;
    const token = this.#ask(call);
    return isThenable(token) ? Promise.resolve(token).then(bearer) : bearer(token as string);
  }
}

function bearer(token: string): MetadataInit {
  checkToken(token, "the token");
  return { authorization: `Bearer ${token}` };
}

/** Throws TypeError, which does not repeat it, for what cannot be a token. */
export function checkToken(token: unknown, what: string): asserts token is string {
  if (typeof token !== "string" || token === "") throw new TypeError(`${what} is no text: expected a string`);
  if (tokenPattern.test(token)) return;
  throw new TypeError(`${what} is not one by RFC 6750: expected letters, digits, "-", ".", "_", "~", "+" and "/"`);
}

function lifetimeOf(given: AccessToken, platform: Platform): IssuedToken {
  const expiresAt: unknown = (given as Partial<AccessToken> | null | undefined)?.expiresAt;
  if (!(expiresAt instanceof Date) || Number.isNaN(expiresAt.getTime())) {
    throw new TypeError("what fetch gave has no expiresAt: expected { token: string, expiresAt: Date }");
  }
  checkToken(given.token, "the token that fetch gave");
  return { token: given.token, lifetimeMs: Math.max(0, expiresAt.getTime() - platform.wallClock()) };
}
