import type { Millis } from "../../base/platform.js";
import { Keepalive } from "./keepalive.js";
import type { LivenessSettings } from "./liveness-settings.js";
import { Trust } from "./trust.js";

/** What a client does at a timeout: send a PING, or give the connection up with this sentence. */
export type LivenessVerdict = "ping" | { readonly lost: string } | undefined;

/** Both ways in which a client notices that its server is gone: keepalive while calls run, a question before they do. */
export class Liveness {
  readonly #settings: LivenessSettings;
  readonly #keepalive: Keepalive;
  readonly #trust: Trust;

  constructor(settings: LivenessSettings, now: Millis) {
    this.#settings = settings;
    this.#keepalive = new Keepalive(settings, now);
    this.#trust = new Trust(settings, now);
  }

  /** Whether the connection may carry another call. */
  get isTrusted(): boolean {
    return this.#trust.isTrusted;
  }

  /** When `onTimeout` wants to be called. */
  nextTimeout(hasCalls: boolean): Millis {
    return Math.min(this.#keepalive.nextTimeout(this.#mayAsk(hasCalls)), this.#trust.nextTimeout());
  }

  /** @param heardAt When the last byte came. */
  onTimeout(now: Millis, heardAt: Millis, hasCalls: boolean): LivenessVerdict {
    const { timeoutMs, verifyTimeoutMs } = this.#settings;
    if (this.#trust.onTimeout(now, heardAt) === "lost") return { lost: sentence("verifyTimeoutMs", verifyTimeoutMs) };
    const verdict = this.#keepalive.onTimeout(now, heardAt, this.#mayAsk(hasCalls));
    if (verdict === "dead") return { lost: sentence("timeoutMs", timeoutMs) };
    return verdict === "ping" ? verdict : undefined;
  }

  /** Somebody waits for the connection. True: send a PING. */
  ask(now: Millis): boolean {
    return this.#trust.ask(now);
  }

  /** Something may have come since. */
  onHeard(heardAt: Millis, now: Millis): void {
    this.#trust.onHeard(heardAt, now);
  }

  /** gRFC A8: servers suffer no PINGs without calls unless they say so. */
  #mayAsk(hasCalls: boolean): boolean {
    return hasCalls || this.#settings.permitWithoutCalls;
  }
}

function sentence(option: keyof LivenessSettings, limitMs: Millis): string {
  return `the server has sent nothing within ${limitMs / 1000} s after a PING (keepalive.${option})`;
}
