import type { Millis, Platform } from "../index.js";
import type { KeySource } from "./key-source.js";
import type { Jose } from "./load-jose.js";

/** Finds the key that a token's header names. */
export type FindKey = ReturnType<Jose["createLocalJWKSet"]>;

/** Keys as they were loaded. Its identity tells whether what was checked with them still holds. */
export interface LoadedKeys {
  readonly find: FindKey;
  /** They are as old as the question, however long the answer took. */
  readonly askedAt: Millis;
}

/**
 * The public keys of an issuer, as good as they have ever been: asked for anew beside the calls, one question at a time, not
 * more often than the cooldown allows. Old ones hold while no others can be had, up to their greatest age.
 */
export class KeySet {
  readonly #source: KeySource;
  readonly #maxAgeMs: Millis;
  readonly #create: (keys: readonly object[]) => Promise<FindKey>;
  #keys: LoadedKeys | undefined;
  /** What they were made of. */
  #text = "";
  #loading: Promise<void> | undefined;
  #triedAt: Millis = Number.NEGATIVE_INFINITY;
  /** Why the last question failed. */
  #problem: string | undefined;

  constructor(source: KeySource, maxAgeMs: Millis, create: (keys: readonly object[]) => Promise<FindKey>) {
    this.#source = source;
    this.#maxAgeMs = maxAgeMs;
    this.#create = create;
  }

  /** The keys that hold now; undefined when there are none. Has them asked for anew when it is time. */
  current(platform: Platform): LoadedKeys | undefined {
    const now = platform.now();
    const keys = this.#keys;
    if (keys === undefined) return undefined;
    if (now - keys.askedAt >= this.#source.refreshMs && this.#mayAsk(now)) void this.#ask(platform);
    return now - keys.askedAt < this.#maxAgeMs ? keys : undefined;
  }

  /** Waits for keys; undefined when they cannot be had. */
  async wait(platform: Platform): Promise<LoadedKeys | undefined> {
    if (this.#loading !== undefined || this.#mayAsk(platform.now())) await this.#ask(platform);
    return this.current(platform);
  }

  /** A token names a key that is not among `keys`: newer ones, if there are any or they may be asked for now. */
  async newerThan(keys: LoadedKeys, platform: Platform): Promise<LoadedKeys | undefined> {
    const newest = this.#keys === keys ? await this.wait(platform) : this.current(platform);
    return newest === keys ? undefined : newest;
  }

  #mayAsk(now: Millis): boolean {
    return now - this.#triedAt >= this.#source.cooldownMs;
  }

  #ask(platform: Platform): Promise<void> {
    this.#loading ??= this.#load(platform).finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(platform: Platform): Promise<void> {
    const askedAt = platform.now();
    this.#triedAt = askedAt;
    try {
      const keys = await this.#source.load(platform);
      const text = JSON.stringify(keys);
      const known = text === this.#text ? this.#keys?.find : undefined;
      this.#keys = { find: known ?? (await this.#create(keys)), askedAt };
      this.#text = text;
      this.#problem = undefined;
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error), platform);
    }
  }

  #fail(problem: string, platform: Platform): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    const consequence = this.#keys === undefined ? "no token can be checked" : "the keys from before hold on";
    platform.warn(`the keys that tokens are signed with cannot be had: ${problem}; ${consequence}`);
  }
}
