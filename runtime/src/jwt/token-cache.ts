import type { Millis, Principal } from "../index.js";
import type { FindKey } from "./key-set.js";

/** Tokens that are kept; beyond it the oldest is checked anew. */
const maxTokens = 1000;

interface CheckedToken {
  readonly principal: Principal;
  /** On the wall clock: from then on the token is no good. */
  readonly until: Millis;
  /** The keys that it was checked with. */
  readonly find: FindKey;
}

/** Tokens that were good, so that a caller's next call costs no cryptography. They hold as long as the keys do not change. */
export class TokenCache {
  readonly #tokens = new Map<string, CheckedToken>();

  get(token: string, find: FindKey, wallClock: Millis): Principal | undefined {
    const known = this.#tokens.get(token);
    if (known === undefined) return undefined;
    if (known.find === find && wallClock < known.until) return known.principal;
    this.#tokens.delete(token);
    return undefined;
  }

  set(token: string, checked: CheckedToken): void {
    this.#tokens.delete(token);
    this.#tokens.set(token, checked);
    for (const oldest of this.#tokens.keys()) if (this.#tokens.size > maxTokens) this.#tokens.delete(oldest);
  }
}
