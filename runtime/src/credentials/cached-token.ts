import { Backoff, type BackoffOptions } from "../base/backoff.js";
import type { Millis, Platform } from "../base/platform.js";
import { textOfThrown } from "../base/text-of-thrown.js";
import { StatusCode, statusCodeName } from "../rpc/status-code.js";
import { StatusError } from "../rpc/status-error.js";
import { causeWithoutSecrets, withoutSecrets } from "./secret-text.js";

/** A token as it was issued. */
export interface IssuedToken {
  readonly token: string;
  /** Milliseconds that it may be used. */
  readonly lifetimeMs: Millis;
  /** Milliseconds after which a new one is to be got while this one serves on. Default: a part of its lifetime. */
  readonly refreshAfterMs?: Millis | undefined;
}

/** Between attempts that failed: an issuer that is down is not asked by every call. */
const tokenBackoff: BackoffOptions = Object.freeze({ initialMs: 1000, multiplier: 1.6, maxMs: 60_000, jitter: 0.2 });

/** An attempt that takes longer has failed: one that never ends would be the last. */
const issueTimeoutMs = 60_000;

/** Parts of its lifetime after which a token is renewed: spread, so that processes which began together do not stay so. */
const earliestRefresh = 0.7;
const latestRefresh = 0.8;

/** A token is not used in the last tenth of its life, or half minute: it has to arrive, and clocks differ. */
const marginPart = 0.1;
const maxMarginMs = 30_000;

interface HeldToken {
  readonly token: string;
  readonly at: Millis;
  readonly wallAt: Millis;
  readonly refreshAfterMs: Millis;
  readonly lifetimeMs: Millis;
}

interface Failure {
  readonly error: StatusError;
  readonly retryAt: Millis;
}

/**
 * One token for many calls. It is got when the first call wants it, and again before it expires, while the one at hand is
 * used on: then no call waits. Only one attempt runs at a time; calls that have no token wait for it together. Nothing runs
 * while there are no calls.
 */
export class CachedToken {
  readonly #issue: (platform: Platform) => Promise<IssuedToken>;
  #held: HeldToken | undefined;
  #underway: Promise<string> | undefined;
  #failure: Failure | undefined;
  #backoff: Backoff | undefined;

  /** @param issue Its error is one sentence: a StatusError with a code for the calls, or anything for UNAUTHENTICATED. */
  constructor(issue: (platform: Platform) => Promise<IssuedToken>) {
    this.#issue = issue;
  }

  /** At once where there is one that may be used. Throws the last failure while the next attempt is not due. */
  get(platform: Platform): string | Promise<string> {
    const held = this.#held;
    const ageMs = held === undefined ? Number.POSITIVE_INFINITY : age(held, platform);
    if (held === undefined || ageMs >= held.lifetimeMs) return this.#underway ?? this.#start(platform, false);
    if (ageMs >= held.refreshAfterMs && this.#underway === undefined && this.#isDue(platform)) {
      // Calls have the old one; a failure is told here, and to them once that has expired.
      this.#start(platform, true).catch((error) => this.#warn(platform, error));
    }
    return held.token;
  }

  #isDue(platform: Platform): boolean {
    return this.#failure === undefined || platform.now() >= this.#failure.retryAt;
  }

  #start(platform: Platform, isRenewal: boolean): Promise<string> {
    const failure = this.#failure;
    if (failure !== undefined && !isRenewal && platform.now() < failure.retryAt) throw waiting(failure, platform);
    const underway = this.#attempt(platform).finally(() => {
      this.#underway = undefined;
    });
    this.#underway = underway;
    return underway;
  }

  async #attempt(platform: Platform): Promise<string> {
    try {
      const issued = await inTime(this.#issue(platform), platform);
      this.#held = hold(issued, platform);
      this.#failure = undefined;
      this.#backoff = undefined;
      return issued.token;
    } catch (cause) {
      this.#backoff ??= new Backoff(() => platform.random(), tokenBackoff);
      const error = errorOf(cause);
      this.#failure = { error, retryAt: platform.now() + this.#backoff.next() };
      throw error;
    }
  }

  #warn(platform: Platform, error: unknown): void {
    const problem = withoutSecrets(textOfThrown(error));
    platform.warn(`a token could not be renewed, the one at hand is used until it expires: ${problem}`);
  }
}

function inTime<T>(promise: Promise<T>, platform: Platform): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = new StatusError(StatusCode.UNAVAILABLE, `no token came within ${issueTimeoutMs / 1000} s`);
    const timer = platform.setTimer(platform.now() + issueTimeoutMs, () => reject(late), false);
    promise.then(resolve, reject).finally(() => timer.cancel());
  });
}

/** By the clock that has run on further: the monotonic one may stand still while the host sleeps, the other may be set back. */
function age(held: HeldToken, platform: Platform): Millis {
  return Math.max(platform.now() - held.at, platform.wallClock() - held.wallAt);
}

function hold(issued: IssuedToken, platform: Platform): HeldToken {
  const { token, lifetimeMs } = issued;
  const part = earliestRefresh + (latestRefresh - earliestRefresh) * platform.random();
  return {
    token,
    at: platform.now(),
    wallAt: platform.wallClock(),
    refreshAfterMs: issued.refreshAfterMs ?? lifetimeMs * part,
    lifetimeMs: lifetimeMs - Math.min(maxMarginMs, lifetimeMs * marginPart),
  };
}

function errorOf(cause: unknown): StatusError {
  if (cause instanceof StatusError) return cause;
  const message = withoutSecrets(textOfThrown(cause));
  return new StatusError(StatusCode.UNAUTHENTICATED, message, { cause: causeWithoutSecrets(cause) });
}

function waiting({ error, retryAt }: Failure, platform: Platform): StatusError {
  const ms = Math.max(1, Math.round(retryAt - platform.now()));
  const message = `${error.statusMessage} (the next attempt is due in ${ms} ms; the last failed with ${statusCodeName(error.code)})`;
  return new StatusError(error.code, message);
}
