import type { Millis, Peer, Timer } from "../../../base/platform.js";
import { AttemptHistory } from "../../../retry/attempt-history.js";
import { afterHedgeFailure, type HedgingPolicy } from "../../../retry/hedging-policy.js";
import { pushbackOf } from "../../../retry/pushback.js";
import { ReplayLog } from "../../../retry/replay-log.js";
import { hedgeBudgetObstacle, replayObstacle, throttleObstacle } from "../../../retry/retry-obstacle.js";
import type { CallOptions } from "../../../rpc/call-options.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../../../rpc/invoker.js";
import type { Metadata } from "../../../rpc/metadata.js";
import type { Status } from "../../../rpc/status.js";
import { StatusCode } from "../../../rpc/status-code.js";
import { replay } from "../replay.js";
import { withAttempts } from "./attempt-headers.js";
import { HedgeAttempt, type HedgeOwner } from "./hedge-attempt.js";
import type { HedgedMethod } from "./hedged-methods.js";
import type { RetryContext } from "./retry-context.js";

const outrun: Status = Object.freeze({
  code: StatusCode.CANCELLED,
  message: "another attempt of the call was answered first",
});

/**
 * One call under a hedging policy (gRFC A6): attempts that run at the same time, of which the first that is answered counts.
 * The others are cancelled then.
 */
export class HedgedCall implements RequestStream, HedgeOwner {
  readonly #context: RetryContext;
  readonly #policy: HedgingPolicy;
  readonly #method: HedgedMethod;
  readonly #headers: RequestHeaders;
  readonly #options: CallOptions;
  readonly #sink: ResponseSink;
  readonly #log: ReplayLog;
  #startedAt: Millis = 0;
  #isAnswered = false;
  /** Those that run. */
  readonly #attempts = new Set<HedgeAttempt>();
  #started = 0;
  /** Of the next attempt. */
  #timer: Timer | undefined;
  /** None starts any more. */
  #mayHedge = true;
  /** Why an attempt did not start that was due. */
  #obstacle: string | undefined;
  /** The one whose answer the caller gets. */
  #chosen: HedgeAttempt | undefined;
  readonly #history = new AttemptHistory();
  #lastFailure: Status | undefined;
  #finished: "no" | "withMessage" | "alone" = "no";
  #pulled = 0;
  /** Set by `cancel`; what the attempts say of it is the call's end. */
  #cancelled: Status | undefined;
  #ended = false;

  constructor(
    context: RetryContext,
    policy: HedgingPolicy,
    method: HedgedMethod,
    headers: RequestHeaders,
    options: CallOptions,
    sink: ResponseSink,
  ) {
    this.#context = context;
    this.#policy = policy;
    this.#method = method;
    this.#headers = headers;
    this.#options = options;
    this.#sink = sink;
    this.#log = new ReplayLog(context.budget);
  }

  start(): void {
    this.#startedAt = this.#context.platform.now();
    this.#method.budget.onCall(this.#policy.maxExtraLoad);
    this.#startAttempt();
    this.#hedgeAfter(this.#delayMs);
  }

  // ---- RequestStream

  send(message: unknown, last: boolean): boolean {
    if (this.#ended) return true;
    if (last) this.#finished = "withMessage";
    const hasRoom = this.#chosen !== undefined || this.#log.keep(message);
    let writable = true;
    for (const { stream } of [...this.#attempts]) writable = (stream?.send(message, last) ?? true) && writable;
    if (!hasRoom) this.#chooseFirst();
    return writable;
  }

  finish(): void {
    if (this.#ended) return;
    this.#finished = "alone";
    for (const { stream } of [...this.#attempts]) stream?.finish();
  }

  pull(count: number): void {
    if (this.#ended) return;
    this.#pulled += count;
    for (const { stream } of [...this.#attempts]) stream?.pull(count);
  }

  cancel(status: Status): void {
    if (this.#ended || this.#cancelled !== undefined) return;
    this.#cancelled = status;
    this.#stopHedging();
    if (this.#attempts.size === 0) {
      const waiting = { ...status, message: `${status.message} while waiting for the next attempt` };
      this.#tell(this.#history.complete(waiting));
      return;
    }
    let told = status;
    for (const attempt of [...this.#attempts]) {
      attempt.stream?.cancel(status);
      // An attempt that explains itself knows more.
      if (this.#cancelled !== status) told = this.#cancelled;
    }
    const isLate = status.code === StatusCode.DEADLINE_EXCEEDED;
    this.#tell(isLate ? this.#withObstacle(this.#completed(told)) : this.#completed(told));
  }

  // ---- HedgeOwner

  onAttemptHeaders(attempt: HedgeAttempt, metadata: Metadata, peer?: Peer): void {
    if (this.#ended || attempt.isOver) return;
    this.#choose(attempt);
    if (this.#chosen !== attempt) return;
    this.#onAnswer();
    this.#sink.onHeaders(metadata, peer);
  }

  onAttemptMessage(attempt: HedgeAttempt, message: unknown): void {
    if (this.#chosen === attempt && !this.#ended) this.#sink.onMessage(message);
  }

  onAttemptWritable(): void {
    if (!this.#ended) this.#sink.onWritable();
  }

  onAttemptEncoded(_attempt: HedgeAttempt, index: number, bytes: number): void {
    if (this.#chosen === undefined && !this.#log.onEncoded(index, bytes)) this.#chooseFirst();
  }

  onAttemptStatus(attempt: HedgeAttempt, status: Status): void {
    this.#attempts.delete(attempt);
    if (this.#ended || (this.#chosen !== undefined && this.#chosen !== attempt)) return;
    const now = this.#context.platform.now();
    if (status.code === StatusCode.OK) {
      this.#choose(attempt);
      this.#onAnswer();
      this.#tell(this.#options.info === undefined ? status : this.#history.completeHedge(status, this.#started));
      return;
    }
    this.#history.add(status, attempt.startedAt, now);
    if (this.#cancelled !== undefined) this.#cancelled = status;
    else if (this.#chosen === attempt) this.#tell(this.#keptBack(this.#completed(status)));
    else this.#onFailure(status);
  }

  // ----

  /**
   * Counted from the start of the call: with the time of the attempt that won, the slow ones would count as fast as the hedges
   * that they cost, and the percentile would sink. To its first answer: behind it no attempt starts, however long a stream is.
   */
  #onAnswer(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#method.latencies.add(this.#context.platform.now() - this.#startedAt);
  }

  #onFailure(status: Status): void {
    this.#lastFailure = status;
    const failure = afterHedgeFailure(this.#policy, status);
    if (failure.kind !== "fatal" || pushbackOf(status).kind === "stop") this.#context.throttle?.onFailure();
    if (failure.kind === "fatal") {
      this.#cancelAllBut(undefined);
      this.#tell(this.#completed(status));
      return;
    }
    if (failure.kind === "noMore") this.#stopHedging();
    else this.#hedgeAfter(failure.delayMs);
    this.#endIfOver();
  }

  /** No attempt runs, and none will: the last failure is the call's. */
  #endIfOver(): void {
    if (this.#ended || this.#attempts.size > 0 || this.#timer !== undefined || this.#lastFailure === undefined) return;
    this.#tell(this.#withObstacle(this.#completed(this.#lastFailure)));
  }

  /** One that was chosen because more was said than is kept. */
  #keptBack(status: Status): Status {
    const isFatal = this.#isAnswered || afterHedgeFailure(this.#policy, status).kind === "fatal";
    return isFatal ? status : this.#withObstacle(status);
  }

  #withObstacle(status: Status): Status {
    return this.#obstacle === undefined ? status : { ...status, notRetried: this.#obstacle };
  }

  /** Milliseconds from one attempt to the next; undefined while that is not known. */
  get #delayMs(): Millis | undefined {
    const { delay } = this.#policy;
    return delay.kind === "fixed" ? delay.delayMs : this.#method.latencies.percentile(delay.part);
  }

  /** The next attempt starts then, and not when it would have started else. */
  #hedgeAfter(delayMs: Millis | undefined): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#ended || !this.#mayHedge || this.#started >= this.#policy.maxAttempts || delayMs === undefined) return;
    const { platform } = this.#context;
    const at = platform.now() + delayMs;
    if (at >= this.#headers.deadline) return;
    if (delayMs === 0) this.#hedge();
    else this.#timer = platform.setTimer(at, () => this.#hedge());
  }

  #hedge(): void {
    this.#timer = undefined;
    const { throttle } = this.#context;
    if (throttle?.allowsMore === false) {
      this.#obstacle = throttleObstacle(throttle);
      this.#mayHedge = false;
      this.#endIfOver();
      return;
    }
    // Beside attempts that run it costs; in the place of one that failed, now or later, only the throttle decides.
    const isExtra = this.#attempts.size > 0;
    if (isExtra && !this.#method.budget.spend(this.#policy.maxExtraLoad)) {
      this.#obstacle = hedgeBudgetObstacle;
      return;
    }
    this.#startAttempt();
    this.#hedgeAfter(this.#delayMs);
  }

  #startAttempt(): void {
    const before = this.#started++;
    const attempt = new HedgeAttempt(this, this.#context.platform.now());
    this.#attempts.add(attempt);
    const headers = before === 0 ? this.#headers : withAttempts(this.#headers, before, true);
    const stream = this.#context.next.invoke(headers, this.#options, attempt);
    if (attempt.isOver || this.#ended) {
      // On a stream that has ended this does nothing.
      stream.cancel(outrun);
      return;
    }
    attempt.stream = stream;
    const endsWithMessage = () => this.#finished === "withMessage";
    replay(stream, this.#log.messages, this.#pulled, () => !attempt.isOver, endsWithMessage);
    if (this.#finished === "alone" && !attempt.isOver) stream.finish();
  }

  /** More was said than can be kept: one attempt goes on, and it is the one that has come furthest (gRFC A6). */
  #chooseFirst(): void {
    const [first] = this.#attempts;
    if (first === undefined) return;
    this.#obstacle = replayObstacle;
    this.#choose(first);
  }

  #choose(attempt: HedgeAttempt): void {
    if (this.#chosen !== undefined) return;
    this.#chosen = attempt;
    this.#stopHedging();
    this.#log.release();
    this.#cancelAllBut(attempt);
  }

  #cancelAllBut(chosen: HedgeAttempt | undefined): void {
    for (const attempt of [...this.#attempts]) {
      if (attempt === chosen) continue;
      this.#attempts.delete(attempt);
      attempt.isOver = true;
      attempt.stream?.cancel(outrun);
    }
  }

  #stopHedging(): void {
    this.#mayHedge = false;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #completed(status: Status): Status {
    return this.#started > 1 ? this.#history.complete(status) : status;
  }

  #tell(status: Status): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopHedging();
    this.#log.release();
    this.#sink.onStatus(status);
  }
}
