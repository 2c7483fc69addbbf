import type { Millis, Peer, Platform, Timer } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import type { CallOptions } from "../../rpc/call-options.js";
import { noTimings } from "../../rpc/call-timings.js";
import { type Deadline, noDeadline } from "../../rpc/deadline.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../../rpc/invoker.js";
import type { Metadata } from "../../rpc/metadata.js";
import type { ClientCallStats } from "../../rpc/stats/client-call-stats.js";
import type { AttemptRecord, Delivery, Status } from "../../rpc/status.js";
import { StatusCode } from "../../rpc/status-code.js";
import type { RunningCall } from "./running-calls.js";
import { whereTimeWent } from "./where-time-went.js";

/** What a call needs of its channel. */
export interface CallOwner {
  readonly platform: Platform;
  onCallStart(call: Call, startedAt: Millis): void;
  onCallEnd(call: Call, code: StatusCode): void;
}

/**
 * The outermost layer of a call in its channel: its deadline and its one end. Interceptors are below it, so that none of
 * them can hold a call beyond either. Expects a deadline that was checked: a number, and not passed.
 */
export class Call implements RequestStream, ResponseSink, RunningCall {
  previous: RunningCall | undefined = undefined;
  following: RunningCall | undefined = undefined;
  readonly #owner: CallOwner;
  readonly #sink: ResponseSink;
  #inner: RequestStream | undefined;
  readonly #startedAt: Millis;
  /** Undefined where nobody listens. */
  readonly #stats: ClientCallStats | undefined;
  #deadline: Deadline = noDeadline;
  #timer: Timer | undefined;
  #sent = 0;
  #received = 0;
  #headersSeen = false;
  /** Somebody wants to know where its time went, however it ends. */
  #hasInfo = false;
  #isStarting = false;
  /** It has ended while it started, and tells so a turn later. */
  #isEndHeldBack = false;
  /** How it ended. */
  #status: Status | undefined;
  /** Set when the deadline has run out: the status as it went down, without what the layers below know. */
  #expiry: { readonly status: Status; readonly lateMs: Millis } | undefined;

  constructor(owner: CallOwner, sink: ResponseSink, startedAt: Millis, stats?: ClientCallStats) {
    this.#owner = owner;
    this.#sink = sink;
    this.#startedAt = startedAt;
    this.#stats = stats;
  }

  /** @param headers With the deadline that holds. */
  start(next: Invoker, headers: RequestHeaders, options: CallOptions): void {
    this.#owner.onCallStart(this, this.#startedAt);
    this.#hasInfo = options.info !== undefined;
    this.limit(headers.deadline);
    this.#isStarting = true;
    const inner = this.#invoke(next, headers, options);
    this.#isStarting = false;
    if (inner === undefined) return;
    // It may have ended while it started; what is below must know unless it was what ended it.
    if (this.#status === undefined) this.#inner = inner;
    else inner.cancel(this.#status);
  }

  /** What the caller gave may throw when it is looked at; without an end the call would stay in its channel. */
  #invoke(next: Invoker, headers: RequestHeaders, options: CallOptions): RequestStream | undefined {
    try {
      return next.invoke(headers, options, this);
    } catch (cause) {
      const message = `cannot call ${headers.method.path}: ${textOfThrown(cause)}`;
      this.#end({ code: StatusCode.INTERNAL, message, delivery: "not-sent", cause });
      return undefined;
    }
  }

  /** Puts another deadline in force. */
  limit(deadline: Deadline): void {
    if (deadline === this.#deadline || this.#status !== undefined) return;
    this.#deadline = deadline;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (deadline !== noDeadline) this.#timer = this.#owner.platform.setTimer(deadline, () => this.#expire(), false);
  }

  // ---- RequestStream

  send(message: unknown, last: boolean): boolean {
    // A source without an end would be read until the end of the call is told.
    if (this.#inner === undefined) return !this.#isEndHeldBack;
    this.#sent++;
    return this.#inner.send(message, last);
  }

  finish(): void {
    this.#inner?.finish();
  }

  pull(count: number): void {
    this.#inner?.pull(count);
  }

  /** Tells the layers below, and ends the call whether they answer or not. */
  cancel(status: Status): void {
    if (this.#status !== undefined) return;
    this.#inner?.cancel(status);
    // Those below that answer at once know more of it; an interceptor may keep their answer back.
    this.#end({ ...status, delivery: status.delivery ?? this.#delivery });
  }

  // ---- ResponseSink

  onHeaders(metadata: Metadata, peer?: Peer): void {
    if (this.#status !== undefined) return;
    this.#headersSeen = true;
    this.#sink.onHeaders(metadata, peer);
  }

  onMessage(message: unknown): void {
    if (this.#status !== undefined) return;
    this.#received++;
    this.#sink.onMessage(message);
  }

  onStatus(status: Status): void {
    if (this.#expiry !== undefined) {
      if (status.code === StatusCode.DEADLINE_EXCEEDED) this.#end(this.#explain(status));
    } else if (isGivenUp(status) && this.#owner.platform.now() >= this.#deadline) {
      // The server gives up at the same deadline, and its timer may be ahead of ours.
      const { delivery = this.#delivery } = status;
      this.#end(this.#explain({ ...this.#beginExpiry(), delivery }));
    } else this.#end(status);
  }

  onWritable(): void {
    if (this.#status === undefined) this.#sink.onWritable();
  }

  // ---- the end

  /** The layers below answer at once, with where the time went; an interceptor may keep their answer back. */
  #expire(): void {
    const status = this.#beginExpiry();
    this.#inner?.cancel(status);
    this.#end(this.#explain(status));
  }

  #beginExpiry(): Status {
    const limitMs = this.#deadline - this.#startedAt;
    const status = { code: StatusCode.DEADLINE_EXCEEDED, message: `${deadlineOf(limitMs)} ran out` };
    this.#expiry = { status, lateMs: this.#owner.platform.now() - this.#deadline };
    return status;
  }

  #explain(status: Status): Status {
    // A layer that had not let the request go says itself what it was waiting for.
    if (status.delivery === "not-sent") return status;
    const delivery = status.delivery ?? this.#delivery;
    const sent = this.#sent === 1 ? "1 message" : `${this.#sent} messages`;
    // So does a connection that holds its messages back.
    const isExplained = status.message !== this.#expiry?.status.message;
    const where = isExplained ? "" : " while waiting for the server's answer";
    const message = `${status.message}${where} (sent ${sent}, received ${this.#received})`;
    return { ...status, message, delivery };
  }

  /** What this layer knows of it. */
  get #delivery(): Delivery {
    return this.#headersSeen ? "processed" : "unknown";
  }

  #end(status: Status): void {
    if (this.#status !== undefined) return;
    this.#status = status;
    this.#inner = undefined;
    this.#timer?.cancel();
    this.#owner.onCallEnd(this, status.code);
    const told = status.code === StatusCode.OK && !this.#hasInfo ? status : this.#withTimings(status);
    this.#stats?.onEnd(told);
    // Whoever calls again at once, and again, would keep the event loop to himself: no timer and no socket could help him.
    if (this.#isStarting) this.#tellNextTurn(told);
    else this.#sink.onStatus(told);
  }

  #tellNextTurn(status: Status): void {
    this.#isEndHeldBack = true;
    this.#owner.platform.scheduleTurn(() => {
      this.#isEndHeldBack = false;
      this.#sink.onStatus(status);
    });
  }

  /** A server's own words stay as they are; ours say where the time went. */
  #withTimings(status: Status): Status {
    const totalMs = this.#owner.platform.now() - this.#startedAt;
    const { resolvingMs, connectingMs, queuedMs, credentialsMs, backoffMs } = status.timings ?? noTimings;
    const waitedMs = resolvingMs + connectingMs + queuedMs + credentialsMs + backoffMs;
    const isExpired = this.#expiry !== undefined && status.code === StatusCode.DEADLINE_EXCEEDED;
    const answerMs = Math.max(0, totalMs - waitedMs);
    const blockedMs = isExpired ? (this.#expiry?.lateMs ?? 0) : 0;
    const waits = { resolvingMs, connectingMs, queuedMs, credentialsMs, backoffMs };
    const timings = { totalMs, ...waits, answerMs, blockedMs };
    const isUnavailable = status.code === StatusCode.UNAVAILABLE && status.delivery === "not-sent";
    const { attempts = status.code === StatusCode.OK ? 1 : 0 } = status;
    const where = isExpired || isUnavailable ? whereTimeWent(timings, attempts, isExpired) : "";
    const whole = { ...status, message: status.message + where, attempts, timings };
    return status.history === undefined ? whole : { ...whole, history: this.#fromStart(status.history) };
  }

  /** Times of attempts as the application knows them: from the start of the call, before which none began. */
  #fromStart(history: readonly AttemptRecord[]): readonly AttemptRecord[] {
    return history.map((attempt) => ({
      ...attempt,
      startedAt: Math.max(0, attempt.startedAt - this.#startedAt),
      endedAt: attempt.endedAt - this.#startedAt,
    }));
  }
}

/** `deadline of 500 ms`; a fraction only where there would be a 0. */
export function deadlineOf(limitMs: Millis): string {
  const ms = limitMs >= 1 || limitMs <= 0 ? Math.round(limitMs) : Number(limitMs.toFixed(3));
  return `deadline of ${Math.max(ms, 0)} ms`;
}

/** Whether a server may have reset the call: before our eyes, or before those of a proxy that answers with 502. */
function isGivenUp({ code }: Status): boolean {
  return code === StatusCode.CANCELLED || code === StatusCode.UNAVAILABLE;
}
