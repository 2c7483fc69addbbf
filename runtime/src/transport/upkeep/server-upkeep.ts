import type { Millis, Platform } from "../../base/platform.js";
import { ErrorCode } from "../../http2/error-code.js";
import type { Http2Session } from "../../http2/session.js";
import { ConnectionAge, type ConnectionAgeTimes } from "./connection-age.js";
import { Keepalive, type KeepaliveTimes } from "./keepalive.js";
import { PingEnforcement, type PingPolicy } from "./ping-enforcement.js";

/** What a server does with a connection beside its calls (gRFC A8, A9). */
export interface UpkeepOptions {
  readonly keepalive: KeepaliveTimes;
  readonly pings: PingPolicy;
  readonly age: ConnectionAgeTimes;
}

/** The connection that is looked after. */
export interface UpkeepOwner {
  readonly session: Http2Session;
  readonly activeCalls: number;
  /** Ends every call and the connection. */
  end(message: string): void;
}

/** Payload of the PINGs that ask whether a client is there. */
const keepalivePing = Uint8Array.from([0x67, 0x6f, 0x64, 0x77, 0x69, 0x74, 0x00, 0x02]);
/** What a client looks for in GOAWAY before it sends fewer PINGs (gRFC A8). */
const tooManyPings = "too_many_pings";

/** Looks after one connection of a server: whether its client is there, pings too often, and has to leave. */
export class ServerUpkeep {
  readonly #options: UpkeepOptions;
  readonly #owner: UpkeepOwner;
  readonly #platform: Platform;
  readonly #keepalive: Keepalive;
  /** Made for the first PING: most clients send none. */
  #pings: PingEnforcement | undefined;
  /** Undefined where a connection may stay for as long as its client wants. */
  readonly #age: ConnectionAge | undefined;
  keepalivesSent = 0;
  /** Of the session's counters, as far as they have been looked at. */
  #seenPings = 0;
  #seenSent = 0;

  constructor(options: UpkeepOptions, owner: UpkeepOwner, platform: Platform) {
    const now = platform.now();
    this.#options = options;
    this.#owner = owner;
    this.#platform = platform;
    this.#keepalive = new Keepalive(options.keepalive, now);
    const { maxAgeMs, maxIdleMs } = options.age;
    if (Math.min(maxAgeMs, maxIdleMs) === Number.POSITIVE_INFINITY) return;
    this.#age = new ConnectionAge(options.age, now, () => platform.random());
  }

  nextTimeout(): Millis {
    return Math.min(this.#keepalive.nextTimeout(), this.#age?.next ?? Number.POSITIVE_INFINITY);
  }

  onTimeout(now: Millis): void {
    const { session } = this.#owner;
    const { graceMs } = this.#options.age;
    const verdict = this.#age?.onTimeout(now) ?? "nothing";
    if (verdict === "end") {
      this.#owner.end(`the connection had to be left, and the grace of ${graceMs} ms for its calls is over`);
      return;
    }
    if (verdict !== "nothing") session.drain(now, verdict);
    const { timeMs, timeoutMs } = this.#options.keepalive;
    const liveness = this.#keepalive.onTimeout(now, session.heardAt);
    if (liveness === "ping") {
      this.keepalivesSent += 1;
      session.ping(keepalivePing);
    } else if (liveness === "dead") {
      session.close(
        ErrorCode.NO_ERROR,
        `the client said nothing for ${timeMs} ms and did not answer a PING within ${timeoutMs} ms (keepalive)`,
      );
    }
  }

  /** A batch of input has been read: the PINGs in it are judged, all by what was sent before. */
  onBatch(): void {
    const { session, activeCalls } = this.#owner;
    const { pings, headerBlocksSent, dataFramesSent } = session.counters;
    if (pings === this.#seenPings) return;
    const sent = headerBlocksSent + dataFramesSent;
    this.#pings ??= new PingEnforcement(this.#options.pings);
    const enforcement = this.#pings;
    if (sent !== this.#seenSent) enforcement.onSent();
    this.#seenSent = sent;
    const hasCalls = activeCalls > 0;
    const now = this.#platform.now();
    for (; this.#seenPings < pings; this.#seenPings++) {
      if (enforcement.onPing(now, hasCalls)) continue;
      const limit = `more often than every ${enforcement.intervalMs(hasCalls)} ms`;
      const state = hasCalls ? "with calls" : "without a call";
      const message = `the client sends PINGs ${limit} ${state} (keepalive.minPingIntervalMs)`;
      session.close(ErrorCode.ENHANCE_YOUR_CALM, message, tooManyPings);
      return;
    }
  }

  onBusy(): void {
    this.#age?.onBusy();
  }

  onIdle(): void {
    if (this.#age?.watchesIdleness === true) this.#age.onIdle(this.#platform.now());
  }

  /** The connection is drained for a reason that is not ours. */
  onDrain(): void {
    this.#age?.onDrain();
  }

  /** The client knows which calls are its last; said as often as it may be. True: nextTimeout is another. */
  onDrained(): boolean {
    return this.#age?.onDrained(this.#platform.now()) ?? false;
  }
}
