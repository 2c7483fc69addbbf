import type { PickedSubchannel, SlotWaiter } from "../../balancer/picker.js";
import { Backoff } from "../../base/backoff.js";
import type { Millis, Platform, Timer } from "../../base/platform.js";
import type { CallOptions } from "../../rpc/call-options.js";
import { noDeadline } from "../../rpc/deadline.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../../rpc/invoker.js";
import { Metadata } from "../../rpc/metadata.js";
import type { Status } from "../../rpc/status.js";
import { StatusCode, statusCodeName } from "../../rpc/status-code.js";
import { isServing, servingStatusName, watchMethod, watchRequest } from "./watch-method.js";

/** What is known of a server's health. */
export type Health =
  /** Nothing yet: it was asked. */
  | { readonly kind: "asked" }
  | { readonly kind: "serving" }
  /** `reason`: one clause that names the server. */
  | { readonly kind: "notServing"; readonly reason: string }
  /** The server has no health service: it counts as well. */
  | { readonly kind: "unchecked"; readonly reason: string };

/** Each state owns what it names. */
type State =
  | { readonly name: "idle" }
  | { readonly name: "waitingForSlot" }
  | { readonly name: "watching"; readonly attempt: Attempt }
  | { readonly name: "waitingToRetry"; readonly timer: Timer }
  | { readonly name: "unchecked" };

const idle: State = Object.freeze({ name: "idle" });

/**
 * Follows the health of a server over one connection (gRFC A17): a Watch call, and another one whenever it ends, unless it
 * ends with UNIMPLEMENTED.
 *
 * Calls start at least one backoff apart, counted from start to start; a message resets the backoff. So one that has lived
 * for long is made again at once, as gRFC A17 wants it, and a server that answers and ends each of them is not hammered.
 */
export class HealthWatch implements SlotWaiter {
  readonly #platform: Platform;
  readonly #subchannel: PickedSubchannel;
  readonly #service: string;
  readonly #onHealth: (health: Health) => void;
  readonly #backoff: Backoff;
  #state: State = idle;

  /**
   * @param service Empty for the server as a whole.
   * @param onHealth Called from `start` and from wherever the connection's events come.
   */
  constructor(platform: Platform, subchannel: PickedSubchannel, service: string, onHealth: (health: Health) => void) {
    this.#platform = platform;
    this.#subchannel = subchannel;
    this.#service = service;
    this.#onHealth = onHealth;
    this.#backoff = new Backoff(() => platform.random());
  }

  /** The subchannel is READY. */
  start(): void {
    this.#onHealth({ kind: "asked" });
    if (this.#subchannel.isOpen()) {
      this.#watch();
      return;
    }
    this.#state = { name: "waitingForSlot" };
    this.#subchannel.waitForSlot(this);
  }

  /** Nothing is told afterwards. */
  stop(): void {
    const state = this.#state;
    this.#state = idle;
    if (state.name === "waitingForSlot") this.#subchannel.leaveSlotQueue(this);
    if (state.name === "waitingToRetry") state.timer.cancel();
    if (state.name === "watching") state.attempt.cancel();
  }

  // ---- SlotWaiter

  onSlot(): void {
    if (this.#state.name === "waitingForSlot") this.#watch();
  }

  onNoConnection(): void {
    // The subchannel leaves READY, which stops this.
    this.#state = idle;
  }

  // ---- from the attempt

  onMessage(of: Attempt, message: unknown): void {
    if (!this.#isWatching(of)) return;
    this.#backoff.reset();
    const reason = `${this.#subchannel.name} is not healthy: its health service says ${servingStatusName(message)}${this.#ofService()}`;
    this.#onHealth(isServing(message) ? { kind: "serving" } : { kind: "notServing", reason });
  }

  onStatus(of: Attempt, { code, message }: Status): void {
    if (!this.#isWatching(of)) return;
    const how = message === "" ? statusCodeName(code) : `${statusCodeName(code)}: ${message}`;
    if (code === StatusCode.UNIMPLEMENTED) {
      this.#state = { name: "unchecked" };
      this.#onHealth({ kind: "unchecked", reason: `${this.#subchannel.name} has no health service (${how})` });
      return;
    }
    const at = of.startedAt + this.#backoff.next();
    if (at <= this.#platform.now()) {
      // As after GOAWAY on one of several connections: calls wait for what the next Watch says, they do not fail.
      this.start();
      return;
    }
    this.#state = { name: "waitingToRetry", timer: this.#platform.setTimer(at, () => this.start(), false) };
    this.#onHealth({ kind: "notServing", reason: `the health check of ${this.#subchannel.name} ended (${how})` });
  }

  // ----

  #watch(): void {
    const attempt = new Attempt(this, this.#platform.now());
    this.#state = { name: "watching", attempt };
    attempt.start(this.#subchannel, this.#service);
  }

  #isWatching(attempt: Attempt): boolean {
    return this.#state.name === "watching" && this.#state.attempt === attempt;
  }

  #ofService(): string {
    return this.#service === "" ? "" : ` of ${JSON.stringify(this.#service)}`;
  }
}

/** Whatever the channel's own calls are written in: every health service knows this. */
const watchOptions: CallOptions = Object.freeze({ messageFormat: "proto" });
const cancelled: Status = Object.freeze({ code: StatusCode.CANCELLED, message: "the health check is over" });

/** One Watch call. */
class Attempt implements ResponseSink {
  readonly startedAt: Millis;
  readonly #owner: HealthWatch;
  #stream: RequestStream | undefined;
  #isOver = false;

  constructor(owner: HealthWatch, startedAt: Millis) {
    this.#owner = owner;
    this.startedAt = startedAt;
  }

  start(subchannel: PickedSubchannel, service: string): void {
    const headers: RequestHeaders = {
      method: watchMethod(),
      metadata: new Metadata(),
      deadline: noDeadline,
      isBackground: true,
    };
    const stream = subchannel.invoke(headers, watchOptions, this);
    if (this.#isOver) {
      // Given up while it started; on a stream that has ended this does nothing.
      stream.cancel(cancelled);
      return;
    }
    this.#stream = stream;
    stream.pull(1);
    stream.send(watchRequest(service), true);
  }

  cancel(): void {
    this.#isOver = true;
    this.#stream?.cancel(cancelled);
  }

  onHeaders(): void {}

  onMessage(message: unknown): void {
    if (this.#isOver) return;
    this.#owner.onMessage(this, message);
    this.#stream?.pull(1);
  }

  onStatus(status: Status): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.onStatus(this, status);
  }

  onWritable(): void {}
}
