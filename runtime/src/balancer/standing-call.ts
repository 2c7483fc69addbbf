import { Backoff } from "../base/backoff.js";
import type { Millis, Timer } from "../base/platform.js";
import type { CallOptions } from "../rpc/call-options.js";
import { noDeadline } from "../rpc/deadline.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../rpc/invoker.js";
import { Metadata } from "../rpc/metadata.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import type { PickedSubchannel, SlotWaiter } from "./picker.js";

export interface StandingCallClock {
  now(): Millis;
  /** A number in [0, 1). */
  random(): number;
  setTimer(at: Millis, fn: () => void): Timer;
}

/** What a standing call is for. Its functions are called from wherever the connection's events come. */
export interface StandingCallOptions {
  readonly subchannel: PickedSubchannel;
  readonly clock: StandingCallClock;
  /** What it is, as it stands in the status that ends it. */
  readonly name: string;
  /** One request, any number of responses. */
  readonly method: MethodDescriptor;
  createRequest(): unknown;
  /** It begins, for the first time or anew. */
  onBegin?(): void;
  onMessage(message: unknown): void;
  /** It ended, and `isOver` for good: the server does not know the method. Not told where it begins anew at once. */
  onEnd?(status: Status, isOver: boolean): void;
}

/** Each state owns what it names. */
type State =
  | { readonly name: "idle" }
  | { readonly name: "waitingForSlot" }
  | { readonly name: "running"; readonly attempt: Attempt }
  | { readonly name: "waitingToRetry"; readonly timer: Timer };

const idle: State = Object.freeze({ name: "idle" });

/**
 * A call of the library's own that stands as long as its connection: another one is made whenever it ends, unless the server
 * answers UNIMPLEMENTED (gRFC A17, A51). It does not keep the process alive, and nothing of it fails the connection.
 *
 * Attempts start at least one backoff apart, counted from start to start; a message resets the backoff. So one that has lived
 * for long is made again at once, and a server that answers and ends each of them is not hammered.
 */
export class StandingCall implements SlotWaiter {
  readonly #options: StandingCallOptions;
  readonly #backoff: Backoff;
  #state: State = idle;

  constructor(options: StandingCallOptions) {
    this.#options = options;
    this.#backoff = new Backoff(() => options.clock.random());
  }

  /** The connection is there. */
  start(): void {
    const { subchannel } = this.#options;
    this.#options.onBegin?.();
    if (subchannel.isOpen()) {
      this.#run();
      return;
    }
    this.#state = { name: "waitingForSlot" };
    subchannel.waitForSlot(this);
  }

  /** Nothing is told afterwards. */
  stop(): void {
    const state = this.#state;
    this.#state = idle;
    if (state.name === "waitingForSlot") this.#options.subchannel.leaveSlotQueue(this);
    if (state.name === "waitingToRetry") state.timer.cancel();
    if (state.name === "running") state.attempt.cancel();
  }

  // ---- SlotWaiter

  onSlot(): void {
    if (this.#state.name === "waitingForSlot") this.#run();
  }

  /** Whoever started this hears of it from the subchannel, and stops it. */
  onNoConnection(): void {
    this.#state = idle;
  }

  // ---- from the attempt

  onMessage(of: Attempt, message: unknown): void {
    if (!this.#isRunning(of)) return;
    this.#backoff.reset();
    this.#options.onMessage(message);
  }

  onStatus(of: Attempt, status: Status): void {
    if (!this.#isRunning(of)) return;
    if (status.code === StatusCode.UNIMPLEMENTED) {
      this.#state = idle;
      this.#options.onEnd?.(status, true);
      return;
    }
    const { clock } = this.#options;
    const at = of.startedAt + this.#backoff.next();
    if (at <= clock.now()) {
      this.start();
      return;
    }
    this.#state = { name: "waitingToRetry", timer: clock.setTimer(at, () => this.start()) };
    this.#options.onEnd?.(status, false);
  }

  // ----

  #run(): void {
    const { clock, subchannel, name, method } = this.#options;
    const attempt = new Attempt(this, name, clock.now());
    this.#state = { name: "running", attempt };
    attempt.start(subchannel, method, this.#options.createRequest());
  }

  #isRunning(attempt: Attempt): boolean {
    return this.#state.name === "running" && this.#state.attempt === attempt;
  }
}

/**
 * Whatever the channel's own calls are written in, every server knows this; nor are their limits meant for these: a report or
 * a serving status is some hundred bytes, and a server may send as many as it likes. (this library)
 */
const callOptions: CallOptions = Object.freeze({
  messageFormat: "proto",
  maxRequestBytes: Number.POSITIVE_INFINITY,
  maxResponseBytes: 64 * 1024,
});

class Attempt implements ResponseSink {
  readonly startedAt: Millis;
  readonly #owner: StandingCall;
  readonly #name: string;
  #stream: RequestStream | undefined;
  #isOver = false;

  constructor(owner: StandingCall, name: string, startedAt: Millis) {
    this.#owner = owner;
    this.#name = name;
    this.startedAt = startedAt;
  }

  start(subchannel: PickedSubchannel, method: MethodDescriptor, request: unknown): void {
    const headers: RequestHeaders = { method, metadata: new Metadata(), deadline: noDeadline, isBackground: true };
    const stream = subchannel.invoke(headers, callOptions, this);
    if (this.#isOver) {
      // Given up while it started; on a stream that has ended this does nothing.
      stream.cancel(this.#givenUp);
      return;
    }
    this.#stream = stream;
    stream.pull(1);
    stream.send(request, true);
  }

  cancel(): void {
    this.#isOver = true;
    this.#stream?.cancel(this.#givenUp);
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

  /** How it ends when it is given up. */
  get #givenUp(): Status {
    return { code: StatusCode.CANCELLED, message: `the ${this.#name} is over` };
  }
}
