import type { Millis, Peer, Timer } from "../../../base/platform.js";
import { AttemptHistory } from "../../../retry/attempt-history.js";
import { ReplayLog } from "../../../retry/replay-log.js";
import { decideRetry } from "../../../retry/retry-decision.js";
import { replayObstacle, retryObstacle } from "../../../retry/retry-obstacle.js";
import type { CallOptions } from "../../../rpc/call-options.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../../../rpc/invoker.js";
import type { Metadata } from "../../../rpc/metadata.js";
import type { Status } from "../../../rpc/status.js";
import { StatusCode, statusCodeName } from "../../../rpc/status-code.js";
import type { RetryPolicy } from "../../../service-config/retry-config.js";
import { replay } from "../replay.js";
import { withAttempts } from "./attempt-headers.js";
import type { RetryContext } from "./retry-context.js";

/** Where a call is. `running`: its stream is there as soon as `invoke` has returned. */
type Place =
  | { readonly name: "running" }
  | { readonly name: "waiting"; readonly since: Millis; readonly timer: Timer; readonly last: Status }
  | { readonly name: "ended" };

const running: Place = Object.freeze({ name: "running" });
const ended: Place = Object.freeze({ name: "ended" });

/**
 * One call under a retry policy (gRFC A6), one attempt at a time. Until an attempt is committed to, what the caller says is
 * kept, and said again to the next one. An attempt is committed to when it has headers or messages to show, when it is OK,
 * and when there is more to keep than there is room for.
 */
export class RetryingCall implements RequestStream, ResponseSink {
  readonly #context: RetryContext;
  readonly #policy: RetryPolicy;
  readonly #headers: RequestHeaders;
  readonly #options: CallOptions;
  readonly #sink: ResponseSink;
  readonly #log: ReplayLog;
  #place: Place = running;
  #stream: RequestStream | undefined;
  /** With the one that runs, without transparent ones: those are made below. */
  #attempts = 0;
  #startedAt: Millis = 0;
  /** Retries since the first attempt or the last pushback. */
  #backoffs = 0;
  #history: AttemptHistory | undefined;
  /** No attempt comes behind this one. */
  #committed = false;
  /** More was said than can be kept: the attempt that has said it all is committed to. */
  #isFull = false;
  /** The server has answered with headers. */
  #isAnswered = false;
  /** What was kept is being said: what comes meanwhile goes behind it. */
  #isReplaying = false;
  #finished: "no" | "withMessage" | "alone" = "no";
  #pulled = 0;
  /** The caller was told to wait for onWritable. */
  #blocked = false;
  #cancelled: Status | undefined;

  constructor(
    context: RetryContext,
    policy: RetryPolicy,
    headers: RequestHeaders,
    options: CallOptions,
    sink: ResponseSink,
  ) {
    this.#context = context;
    this.#policy = policy;
    this.#headers = headers;
    this.#options = options;
    this.#sink = sink;
    this.#log = new ReplayLog(context.budget);
  }

  /** Makes the first attempt, or the next one. */
  start(): void {
    const before = this.#attempts++;
    this.#place = running;
    this.#startedAt = this.#context.platform.now();
    const headers = before === 0 ? this.#headers : withAttempts(this.#headers, before);
    const stream = this.#context.next.invoke(headers, this.#options, this);
    // It may have failed already; the next attempt then comes with a timer.
    if (this.#place !== running) return;
    this.#stream = stream;
    if (this.#cancelled !== undefined) stream.cancel(this.#cancelled);
    else if (before > 0) this.#replay(stream);
  }

  // ---- RequestStream

  send(message: unknown, last: boolean): boolean {
    if (this.#place === ended) return true;
    if (last) this.#finished = "withMessage";
    if ((!this.#committed || this.#isReplaying) && !this.#log.keep(message)) this.#isFull = true;
    const stream = this.#isReplaying ? undefined : this.#stream;
    if (stream !== undefined && this.#isFull) this.#commit();
    if (stream?.send(message, last) === true) return true;
    this.#blocked = true;
    return false;
  }

  finish(): void {
    if (this.#place === ended) return;
    this.#finished = "alone";
    if (!this.#isReplaying) this.#stream?.finish();
  }

  pull(count: number): void {
    if (this.#place === ended) return;
    this.#pulled += count;
    this.#stream?.pull(count);
  }

  cancel(status: Status): void {
    const place = this.#place;
    if (place === ended || this.#cancelled !== undefined) return;
    this.#cancelled = status;
    if (place.name === "running") this.#stream?.cancel(status);
    else if (place.name === "waiting") this.#cancelWaiting(place, status);
  }

  // ---- ResponseSink: the attempt that runs

  onHeaders(metadata: Metadata, peer?: Peer): void {
    this.#isAnswered = true;
    this.#commit();
    this.#sink.onHeaders(metadata, peer);
  }

  onMessage(message: unknown): void {
    this.#sink.onMessage(message);
  }

  onWritable(): void {
    if (this.#isReplaying) return;
    this.#blocked = false;
    this.#sink.onWritable();
  }

  onEncoded(index: number, bytes: number): void {
    if (this.#committed || this.#log.onEncoded(index, bytes)) return;
    this.#isFull = true;
    if (!this.#isReplaying) this.#commit();
  }

  onStatus(status: Status): void {
    if (this.#place !== running) return;
    this.#stream = undefined;
    if (status.code === StatusCode.OK || this.#cancelled !== undefined) this.#end(status);
    else if (this.#committed) this.#end(this.#isKeptBack(status) ? { ...status, notRetried: replayObstacle } : status);
    else this.#onFailure(status);
  }

  // ----

  /** Only the limit of what is kept keeps it from being tried again. */
  #isKeptBack({ code, isFinal }: Status): boolean {
    return this.#isFull && !this.#isAnswered && isFinal !== true && this.#policy.retryableStatusCodes.has(code);
  }

  #onFailure(status: Status): void {
    const { platform, throttle } = this.#context;
    const now = platform.now();
    const decision = decideRetry(
      {
        policy: this.#policy,
        status,
        attempts: this.#attempts,
        backoffs: this.#backoffs,
        startedAt: this.#startedAt,
        now,
        deadline: this.#headers.deadline,
        lot: platform.random(),
      },
      throttle,
    );
    if (decision.kind === "stop") {
      const notRetried = retryObstacle(decision, throttle);
      this.#end(notRetried === undefined ? status : { ...status, notRetried });
      return;
    }
    this.#history ??= new AttemptHistory();
    this.#history.add(status, this.#startedAt, now);
    this.#backoffs = decision.isPushback ? 0 : this.#backoffs + 1;
    const timer = platform.setTimer(now + decision.delayMs, () => this.#onDelayOver(now));
    this.#place = { name: "waiting", since: now, timer, last: status };
  }

  #onDelayOver(since: Millis): void {
    const waitedMs = this.#context.platform.now() - since;
    this.#history?.addBackoff(waitedMs);
    this.#headers.stats?.onRetryDelay(waitedMs);
    this.start();
  }

  #replay(stream: RequestStream): void {
    this.#isReplaying = true;
    const writable = replay(
      stream,
      this.#log.messages,
      this.#pulled,
      () => this.#stream === stream,
      this.#finishedWithMessage,
    );
    this.#isReplaying = false;
    if (this.#committed) this.#log.release();
    if (this.#stream !== stream) return;
    if (this.#finished === "alone") stream.finish();
    if (this.#isFull) this.#commit();
    if (!this.#blocked || !writable) return;
    this.#blocked = false;
    this.#sink.onWritable();
  }

  readonly #finishedWithMessage = (): boolean => this.#finished === "withMessage";

  #cancelWaiting(place: Place & { name: "waiting" }, status: Status): void {
    place.timer.cancel();
    this.#history?.addBackoff(this.#context.platform.now() - place.since);
    const { last } = place;
    const why = `attempt ${this.#attempts} of ${this.#policy.maxAttempts} failed with ${statusCodeName(last.code)}`;
    const said = last.message === "" ? why : `${why}: ${last.message}`;
    const told = { ...status, message: `${status.message} while waiting to try again (${said})` };
    this.#tell(this.#history?.complete(told) ?? told);
  }

  #commit(): void {
    if (this.#committed) return;
    this.#committed = true;
    // What is being said again is said to its end, with what comes meanwhile.
    if (!this.#isReplaying) this.#log.release();
  }

  #end(status: Status): void {
    const history = this.#history;
    if (history === undefined) {
      this.#tell(status);
      return;
    }
    if (status.code === StatusCode.OK) {
      this.#tell(this.#options.info === undefined ? status : history.completeSuccess(status));
      return;
    }
    history.add(status, this.#startedAt, this.#context.platform.now());
    this.#tell(history.complete(status));
  }

  #tell(status: Status): void {
    this.#place = ended;
    this.#stream = undefined;
    this.#commit();
    this.#sink.onStatus(status);
  }
}
