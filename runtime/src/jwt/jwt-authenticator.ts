import {
  type Authenticator,
  type Millis,
  type Platform,
  type Principal,
  StatusCode,
  StatusError,
  type UnauthenticatedCall,
} from "../index.js";
import { bearerToken, unauthenticated } from "./bearer-token.js";
import type { JwtClaims } from "./claims.js";
import { deepFreeze } from "./deep-freeze.js";
import { asymmetricAlgorithms, checkJwtOptions, type JwtAuthenticatorOptions } from "./jwt-options.js";
import { KeySet, type LoadedKeys } from "./key-set.js";
import { keySource } from "./key-source.js";
import { loadJose } from "./load-jose.js";
import { TokenCache } from "./token-cache.js";
import { isUnknownKey, tokenProblem } from "./token-problem.js";

const defaultClockToleranceMs = 30_000;
const defaultMaxTokenLength = 8192;
const defaultMaxKeyAgeMs = 86_400_000;

/**
 * An authenticator for `createServer({ authenticate })`: callers prove who they are with `authorization: Bearer`, a JSON Web
 * Token that one of the issuer's keys has signed. Its claims are the principal's; they are frozen, since calls share them.
 * A token that is not good ends its call with UNAUTHENTICATED and says why, without a word of the token; while no keys can be
 * had, calls end with UNAVAILABLE. Throws TypeError when an option is not valid.
 */
export function jwtAuthenticator(options: JwtAuthenticatorOptions): Authenticator {
  checkJwtOptions(options);
  const checker = new TokenChecker(options);
  return (call) => checker.authenticate(call);
}

class TokenChecker {
  readonly #options: JwtAuthenticatorOptions;
  readonly #keys: KeySet;
  readonly #good = new TokenCache();

  constructor(options: JwtAuthenticatorOptions) {
    this.#options = options;
    this.#keys = new KeySet(keySource(options), options.maxKeyAgeMs ?? defaultMaxKeyAgeMs, async (keys) => {
      const { createLocalJWKSet } = await loadJose();
      return createLocalJWKSet({ keys: [...keys] });
    });
  }

  /** A token that is known is answered for at once. */
  authenticate({ metadata, platform }: UnauthenticatedCall): Principal | Promise<Principal> {
    const token = bearerToken(metadata, this.#options.maxTokenLength ?? defaultMaxTokenLength);
    const keys = this.#keys.current(platform);
    const known = keys && this.#good.get(token, keys.find, platform.wallClock());
    return known ?? this.#check(token, keys, platform);
  }

  async #check(token: string, current: LoadedKeys | undefined, platform: Platform): Promise<Principal> {
    const keys = current ?? (await this.#keys.wait(platform));
    if (keys === undefined) throw new StatusError(StatusCode.UNAVAILABLE, "tokens cannot be checked at the moment");
    try {
      return await this.#verify(token, keys, platform);
    } catch (error) {
      const newer = isUnknownKey(error) ? await this.#keys.newerThan(keys, platform) : undefined;
      if (newer === undefined) throw refusal(error);
      return this.#verify(token, newer, platform).catch((again: unknown) => {
        throw refusal(again);
      });
    }
  }

  async #verify(token: string, { find }: LoadedKeys, platform: Platform): Promise<Principal> {
    const { issuer, audience, type, maxAgeMs, nameClaim = "sub" } = this.#options;
    const toleranceMs = this.#options.clockToleranceMs ?? defaultClockToleranceMs;
    const { jwtVerify } = await loadJose();
    const { payload } = await jwtVerify(token, find, {
      issuer: [issuer].flat(),
      audience: [audience].flat(),
      algorithms: [...(this.#options.algorithms ?? asymmetricAlgorithms)],
      clockTolerance: toleranceMs / 1000,
      currentDate: new Date(platform.wallClock()),
      // Without an end, a token that was stolen is good for ever.
      requiredClaims: ["exp"],
      ...(type !== undefined && { typ: type }),
      ...(maxAgeMs !== undefined && { maxTokenAge: maxAgeMs / 1000 }),
    });
    // JSON can write numbers that are infinite: 1e400.
    if (!Number.isFinite(payload.exp)) throw unauthenticated("the token has no time of expiry that can be read");
    const name = payload[nameClaim];
    if (typeof name !== "string" || name === "") throw unauthenticated(`the token has no ${nameClaim} that is a text`);
    const claims: JwtClaims = deepFreeze(payload);
    const principal = Object.freeze({ name, issuer: payload.iss, claims });
    this.#good.set(token, { principal, find, until: endOf(claims, maxAgeMs) + toleranceMs });
    return principal;
  }
}

/** Milliseconds on the wall clock. */
function endOf({ exp = 0, iat = 0 }: JwtClaims, maxAgeMs = Number.POSITIVE_INFINITY): Millis {
  return Math.min(exp * 1000, iat * 1000 + maxAgeMs);
}

/** The cause is left out: the library's errors carry what the token says. */
function refusal(error: unknown): StatusError {
  return error instanceof StatusError ? error : unauthenticated(`the token ${tokenProblem(error)}`);
}
