import type { Millis } from "../../base/platform.js";

/** How long a server keeps a connection (gRFC A9). Infinity: as long as the client does. */
export interface ConnectionAgeTimes {
  /** Without a call. */
  readonly maxIdleMs: Millis;
  /** In all, before it is spread by a tenth in either direction. */
  readonly maxAgeMs: Millis;
  /** For running calls, once the client knows that it is to leave. */
  readonly graceMs: Millis;
}

/** Share of the age by which connections that came together are sent away apart. */
const jitter = 0.1;

type State =
  | { readonly name: "open" }
  /** The client has been told; it has not answered. */
  | { readonly name: "leaving" }
  | { readonly name: "grace"; readonly endAt: Millis }
  | { readonly name: "over" };

const open: State = { name: "open" };

/** Why a connection is to be drained, in the words that go to the client, or that its grace is over. */
export type AgeVerdict = "nothing" | "max_idle" | "max_age" | "end";

/** When a connection has been idle for too long, is too old, and has had its grace. */
export class ConnectionAge {
  readonly #times: ConnectionAgeTimes;
  readonly #oldAt: Millis;
  #state: State = open;
  /** When the last call ended; undefined while there are calls. */
  #idleSince: Millis | undefined;
  /** When idleness is looked at: not moved by each call that comes and goes. */
  #checkAt: Millis;

  constructor(times: ConnectionAgeTimes, now: Millis, random: () => number) {
    this.#times = times;
    this.#oldAt = now + times.maxAgeMs * (1 - jitter + 2 * jitter * random());
    this.#idleSince = now;
    this.#checkAt = now + times.maxIdleMs;
  }

  /** Whether anybody has to say when the connection is idle. */
  get watchesIdleness(): boolean {
    return this.#times.maxIdleMs !== Number.POSITIVE_INFINITY;
  }

  /** When onTimeout wants to be called. */
  get next(): Millis {
    if (this.#state.name === "open") return Math.min(this.#oldAt, this.#checkAt);
    return this.#state.name === "grace" ? this.#state.endAt : Number.POSITIVE_INFINITY;
  }

  /** There is a call. */
  onBusy(): void {
    this.#idleSince = undefined;
  }

  /** The last call has ended. */
  onIdle(now: Millis): void {
    this.#idleSince = now;
  }

  /** The connection is drained for another reason, with a grace of its own. */
  onDrain(): void {
    if (this.#state.name === "open") this.#state = { name: "over" };
  }

  /** The client knows which calls are its last. Whether a grace begins. */
  onDrained(now: Millis): boolean {
    if (this.#state.name !== "leaving") return false;
    this.#state = { name: "grace", endAt: now + this.#times.graceMs };
    return true;
  }

  onTimeout(now: Millis): AgeVerdict {
    if (now < this.next) return "nothing";
    if (this.#state.name === "grace") {
      this.#state = { name: "over" };
      return "end";
    }
    if (now >= this.#oldAt) {
      this.#state = { name: "leaving" };
      return "max_age";
    }
    // With calls now, it can be too idle at the earliest if they all end at once.
    const idleAt = (this.#idleSince ?? now) + this.#times.maxIdleMs;
    if (now < idleAt) {
      this.#checkAt = idleAt;
      return "nothing";
    }
    this.#state = { name: "leaving" };
    return "max_idle";
  }
}
