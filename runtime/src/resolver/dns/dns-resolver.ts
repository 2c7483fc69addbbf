import type { Millis, Platform, Timer } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { StatusCode } from "../../rpc/status-code.js";
import type { Resolver, ResolverListener } from "../resolver.js";
import type { DnsSettings } from "./dns-options.js";
import type { Found, NameLookup } from "./name-lookup.js";

/** How long one resolution may take (grpc-go: resolver/dns, SetResolvingTimeout). */
const patienceMs = 30_000;

/** A TTL is what a name server says: it may not keep a channel from ever looking again. */
const longestTtlMs = 3_600_000;

/** A refresh is late by up to this part of its period. */
const jitter = 0.2;

type State =
  | { readonly name: "new" }
  | { readonly name: "resolving"; readonly timer: Timer }
  /** `timer` is for the next refresh, or for a hint that came before `earliest`. */
  | { readonly name: "resolved"; readonly earliest: Millis; readonly timer: Timer | undefined; readonly at: Millis }
  | { readonly name: "failed" }
  | { readonly name: "closed" };

/** When a name is looked up, and what is told of it: at the start, when asked, and again and again while all is well. */
export class DnsResolver implements Resolver {
  readonly #platform: Platform;
  readonly #lookup: NameLookup;
  readonly #settings: DnsSettings;
  #listener: ResolverListener | undefined;
  #state: State = { name: "new" };

  constructor(platform: Platform, lookup: NameLookup, settings: DnsSettings) {
    this.#platform = platform;
    this.#lookup = lookup;
    this.#settings = settings;
  }

  start(listener: ResolverListener): void {
    this.#listener = listener;
    this.#resolve();
  }

  /** At once after a failure, since the channel paces those by its backoff; else no sooner than the interval allows. */
  resolveNow(): void {
    const state = this.#state;
    if (state.name === "failed") this.#resolve();
    if (state.name !== "resolved") return;
    if (this.#platform.now() >= state.earliest) this.#resolve();
    else if (state.at > state.earliest) this.#arm(state.earliest, state.earliest);
  }

  async close(): Promise<void> {
    this.#enter({ name: "closed" });
    this.#lookup.giveUp();
  }

  #enter(state: State): void {
    if ("timer" in this.#state) this.#state.timer?.cancel();
    this.#state = state;
  }

  #resolve(): void {
    const timer = this.#platform.setTimer(this.#platform.now() + patienceMs, () => this.#onSilence(), false);
    const state: State = { name: "resolving", timer };
    this.#enter(state);
    // An answer to a question that was given up comes too late.
    this.#lookup.find().then(
      (found) => this.#state === state && this.#onFound(found),
      (error: unknown) => this.#state === state && this.#onError(error),
    );
  }

  #onFound({ result, ttlMs }: Found): void {
    const now = this.#platform.now();
    const at = now + this.#periodMs(ttlMs) * (1 + jitter * this.#platform.random());
    const state = this.#arm(now + this.#settings.minIntervalMs, at);
    const isAccepted = this.#listener?.onResult(result) ?? true;
    // The channel's backoff says when to look for something better, not the interval of good results.
    if (!isAccepted && this.#state === state) this.#enter({ name: "failed" });
  }

  /** From one look to the next while all is well. */
  #periodMs(ttlMs: Millis | undefined): Millis {
    const { minIntervalMs, refreshMs } = this.#settings;
    const isByTtl = ttlMs !== undefined && refreshMs !== Number.POSITIVE_INFINITY;
    return Math.max(minIntervalMs, isByTtl ? Math.min(ttlMs, longestTtlMs) : refreshMs);
  }

  #arm(earliest: Millis, at: Millis): State {
    const isNever = at === Number.POSITIVE_INFINITY;
    const timer = isNever ? undefined : this.#platform.setTimer(at, () => this.#resolve(), false);
    const state: State = { name: "resolved", earliest, timer, at };
    this.#enter(state);
    return state;
  }

  #onSilence(): void {
    this.#lookup.giveUp();
    this.#onFailure(`cannot resolve ${this.#lookup.name}: no answer within ${patienceMs / 1000} s`, undefined);
  }

  #onError(error: unknown): void {
    const message =
      error instanceof Error ? error.message : `cannot resolve ${this.#lookup.name}: ${textOfThrown(error)}`;
    this.#onFailure(message, error);
  }

  #onFailure(message: string, cause: unknown): void {
    this.#enter({ name: "failed" });
    this.#listener?.onResult({ endpoints: { status: { code: StatusCode.UNAVAILABLE, message, cause } } });
  }
}
