import type { PickedSubchannel, Picker, PickObserver, PickResult, SlotWaiter } from "../../../balancer/picker.js";
import type { Peer } from "../../../base/platform.js";
import { textOfThrown } from "../../../base/text-of-thrown.js";
import type { CallOptions } from "../../../rpc/call-options.js";
import type { RequestHeaders, RequestStream, ResponseSink } from "../../../rpc/invoker.js";
import type { Metadata } from "../../../rpc/metadata.js";
import type { AttemptStats } from "../../../rpc/stats/client-call-stats.js";
import type { AttemptStart } from "../../../rpc/stats/stats-sink.js";
import type { Status } from "../../../rpc/status.js";
import { StatusCode } from "../../../rpc/status-code.js";
import { replay } from "../replay.js";
import { CallAuthorization } from "./attempt-credentials.js";
import { CallWaits, withWaits } from "./call-waits.js";
import { controlPlaneStatus } from "./control-plane-status.js";
import { tellEnd, tellStart } from "./observed-attempt.js";
import type { PickQueue, PickWaiter } from "./pick-queue.js";
import { askPicker, ended, type Place, picking, started, whatItWaitsFor } from "./place.js";

/**
 * Messages kept so that a call whose request never left can be sent again. A stream that has sent more than this
 * without hearing from the server is not sent again: what is kept must not grow with the stream. (this library)
 */
export const maxKeptMessages = 16;

type Picked = PickResult & { readonly kind: "pick" };

/**
 * One call on its way to a connection. What the caller says while there is none is kept and said again; so it is when a
 * connection ends before the request has left, and once when the server proves that it did not look at it (gRFC A6,
 * transparent retries: no policy is asked). Each further try for want of a connection waits for a new picker.
 */
export class PickedCall implements RequestStream, ResponseSink, PickWaiter, SlotWaiter {
  readonly #queue: PickQueue;
  readonly #headers: RequestHeaders;
  readonly #options: CallOptions;
  readonly #sink: ResponseSink;
  /** Undefined: nobody has call credentials for it. */
  readonly #authorization: CallAuthorization | undefined;
  #place: Place = picking;
  /** The one that was asked last. */
  #picker: Picker | undefined;
  #stream: RequestStream | undefined;
  /** Of the attempt that is under way: it waits for a slot, or has started. */
  #observer: PickObserver | undefined;
  /** Nothing of the request is kept any more. */
  #committed = false;
  #first: unknown;
  #rest: unknown[] | undefined;
  #messageCount = 0;
  /** Half-closed, with the last message or behind it. */
  #finished: "no" | "withMessage" | "alone" = "no";
  #pulled = 0;
  /** The caller was told to wait for onWritable. */
  #blocked = false;
  /** A server has refused it, or gone away without looking at it: once in a call that is no failure (gRFC A6). */
  #wasRefused = false;
  #waits: CallWaits | undefined;
  /** Of the attempt that is under way, from before its pick; undefined where nobody listens. */
  #stats: AttemptStats | undefined;
  /** Why there was no connection when it last asked for one. */
  #obstacle: string | undefined;

  constructor(queue: PickQueue, headers: RequestHeaders, options: CallOptions, sink: ResponseSink) {
    this.#queue = queue;
    this.#headers = headers;
    this.#options = options;
    this.#sink = sink;
    if (headers.stats !== undefined) this.#startStats(headers.isHedge === true ? "hedge" : "retry");
    this.#authorization = CallAuthorization.of(queue, options.credentials);
  }

  /** Asks the picker that is in force. */
  pick(): void {
    const { picker, note, state } = this.#queue.snapshot;
    this.#picker = picker;
    this.#place = picking;
    const result = askPicker(picker, this.#headers);
    switch (result.kind) {
      case "pick":
        if (this.#authorization === undefined) this.#approach(result);
        else this.#authorize(result, this.#authorization);
        return;
      case "queue":
        this.#waitForPicker();
        return;
      case "fail":
        this.#obstacle = note === undefined ? result.status.message : `${result.status.message}; ${note}`;
        // Nothing comes behind the picker of a channel that is closed.
        if (this.#options.waitForReady === true && state !== "SHUTDOWN") this.#waitForPicker();
        else this.#end(controlPlaneStatus({ ...result.status, message: this.#obstacle }, this.#noConnection()));
        return;
      case "drop":
        this.#end({
          ...controlPlaneStatus(result.status, "the load balancing policy dropped the call: "),
          isFinal: true,
        });
    }
  }

  onPicker(): void {
    if (this.#queue.snapshot.picker === this.#picker) return;
    this.#leave();
    this.pick();
  }

  onSlot(): void {
    const place = this.#place;
    this.#leave();
    if (place.name === "waitingForSlot") this.#start(place.subchannel);
  }

  onNoConnection(): void {
    const place = this.#place;
    this.#leave();
    if (place.name !== "waitingForSlot") return;
    const message = `the connection to ${place.subchannel.name} takes no more calls`;
    this.#goOnAfter({ code: StatusCode.UNAVAILABLE, message, delivery: "not-sent" }, false);
  }

  // ---- RequestStream

  send(message: unknown, last: boolean): boolean {
    if (this.#place === ended) return true;
    if (!this.#committed) this.#keep(message);
    if (last) this.#finished = "withMessage";
    if (this.#stream?.send(message, last) === true) return true;
    this.#blocked = true;
    return false;
  }

  finish(): void {
    if (this.#place === ended) return;
    this.#finished = "alone";
    this.#stream?.finish();
  }

  pull(count: number): void {
    if (this.#place === ended) return;
    this.#pulled += count;
    this.#stream?.pull(count);
  }

  cancel(status: Status): void {
    if (this.#place === ended) return;
    if (this.#stream !== undefined) {
      this.#stream.cancel(status);
      return;
    }
    const place = this.#place;
    if (place.name === "authorizing") place.asked.cancel(status);
    const isExplained = status.code === StatusCode.DEADLINE_EXCEEDED || place.name === "authorizing";
    const where = isExplained ? whatItWaitsFor(place, this.#queue, this.#obstacle, this.#waits) : "";
    this.#leave();
    this.#end({ ...status, message: status.message + where, delivery: "not-sent" });
  }

  // ---- ResponseSink

  onHeaders(metadata: Metadata, peer?: Peer): void {
    this.#commit();
    this.#stats?.onHeaders(metadata, peer);
    this.#sink.onHeaders(metadata, peer);
  }

  onMessage(message: unknown): void {
    this.#sink.onMessage(message);
  }

  onStatus(status: Status): void {
    if (this.#place !== started) return;
    const { delivery } = status;
    const isUnsent = delivery === "not-sent";
    const isRefused = delivery === "not-processed" && !this.#wasRefused && (this.#headers.previousAttempts ?? 0) === 0;
    const mayGoOn = status.code === StatusCode.UNAVAILABLE && status.isFinal !== true && (isUnsent || isRefused);
    if (this.#committed || !mayGoOn) {
      this.#end(status);
      return;
    }
    this.#stream = undefined;
    this.#obstacle = status.message;
    this.#knownWaits().addAttempt(status, this.#queue.platform.now());
    this.#stats?.onEnd(status);
    if (this.#headers.stats !== undefined) this.#startStats("transparent");
    if (isRefused) this.#wasRefused = true;
    this.#goOnAfter(status, isRefused);
  }

  onWritable(): void {
    this.#blocked = false;
    this.#sink.onWritable();
  }

  onEncoded(index: number, bytes: number): void {
    this.#sink.onEncoded?.(index, bytes);
  }

  // ---- on the way

  /** The credentials come before the observer's start: it is to hear of what goes to its subchannel alone. */
  #authorize(picked: Picked, authorization: CallAuthorization): void {
    authorization.headers = undefined;
    const { peer } = picked.subchannel;
    // Without a connection it does not wait for a slot, but is picked anew.
    if (peer === undefined) {
      this.#approach(picked);
      return;
    }
    const asked = authorization.attempt(this.#headers, peer);
    const place: Place = { name: "authorizing", asked, since: this.#queue.platform.now() };
    this.#place = place;
    this.#queue.hold.acquire();
    asked.ask((authorized) => {
      if (this.#place !== place) return;
      this.#leave();
      if ("failure" in authorized) {
        this.#end(authorized.failure);
        return;
      }
      authorization.headers = authorized.headers;
      this.#approach(picked);
    });
  }

  #approach({ subchannel, observer }: Picked): void {
    if (!this.#beginAttempt(observer)) return;
    if (subchannel.isOpen()) this.#start(subchannel);
    else this.#waitForSlot(subchannel);
  }

  /** False when the call has ended. */
  #beginAttempt(observer: PickObserver | undefined): boolean {
    if (observer === undefined) return true;
    this.#observer = observer;
    const failure = tellStart(observer);
    if (failure === undefined) return this.#place === picking;
    this.#observer = undefined;
    this.#end(failure);
    return false;
  }

  /** Returns the status that holds. */
  #endAttempt(status: Status): Status {
    const observer = this.#observer;
    if (observer === undefined) return status;
    this.#observer = undefined;
    return tellEnd(observer, status);
  }

  /** The attempt came to nothing: another one. @param atOnce The same picker may be asked again: it happens once in a call. */
  #goOnAfter(status: Status, atOnce: boolean): void {
    const told = this.#endAttempt(status);
    if (told !== status) this.#end(told);
    else if (atOnce) this.pick();
    else this.#pickAnew();
  }

  /** The same picker would say the same again, in a loop without an end. */
  #pickAnew(): void {
    if (this.#queue.snapshot.picker === this.#picker) this.#waitForPicker();
    else this.pick();
  }

  #waitForPicker(): void {
    this.#place = { name: "waitingForPicker", since: this.#queue.platform.now() };
    this.#queue.add(this);
  }

  #waitForSlot(subchannel: PickedSubchannel): void {
    this.#place = { name: "waitingForSlot", subchannel, since: this.#queue.platform.now() };
    this.#queue.hold.acquire();
    subchannel.waitForSlot(this);
  }

  /** Out of whatever queue it is in. */
  #leave(): void {
    const place = this.#place;
    this.#place = picking;
    if (place.name === "waitingForPicker") {
      const waitedMs = this.#queue.platform.now() - place.since;
      this.#knownWaits().connectingMs += waitedMs;
      this.#stats?.onPicked(waitedMs, "connection");
      this.#queue.delete(this);
    } else if (place.name === "waitingForSlot") {
      const waitedMs = this.#queue.platform.now() - place.since;
      this.#knownWaits().queuedMs += waitedMs;
      this.#stats?.onPicked(waitedMs, "stream");
      this.#queue.hold.release();
      place.subchannel.leaveSlotQueue(this);
    } else if (place.name === "authorizing") {
      this.#queue.hold.release();
      const waitedMs = this.#queue.platform.now() - place.since;
      if (waitedMs > 0) this.#knownWaits().credentialsMs += waitedMs;
    }
  }

  #knownWaits(): CallWaits {
    this.#waits ??= new CallWaits();
    return this.#waits;
  }

  #start(subchannel: PickedSubchannel): void {
    const exposed = this.#authorization?.exposure(subchannel.peer);
    if (exposed !== undefined) {
      this.#end(exposed);
      return;
    }
    this.#place = started;
    if (this.#waits !== undefined) this.#waits.attemptStartedAt = this.#queue.platform.now();
    const picker = this.#picker;
    const stream = this.#invoke(subchannel);
    if (stream === undefined) return;
    if (this.#place !== started || this.#picker !== picker || this.#stream !== undefined) {
      // It ended, or went another way, before `invoke` returned; on a stream that has ended this does nothing.
      stream.cancel({ code: StatusCode.CANCELLED, message: "the call ended while it started" });
      return;
    }
    this.#stream = stream;
    if (this.#messageCount > 0 || this.#pulled > 0 || this.#finished !== "no") this.#sayAgain(stream);
  }

  /** Often called from within the control plane, which must not take an exception of one call for a fault of its own. */
  #invoke(subchannel: PickedSubchannel): RequestStream | undefined {
    try {
      return subchannel.invoke(this.#attemptHeaders(), this.#options, this);
    } catch (cause) {
      this.#end({ code: StatusCode.INTERNAL, message: `the call failed to start: ${textOfThrown(cause)}`, cause });
      return undefined;
    }
  }

  #attemptHeaders(): RequestHeaders {
    const headers = this.#authorization?.headers ?? this.#headers;
    const stats = this.#stats;
    if (stats === undefined) return headers;
    return { ...headers, metadata: stats.metadataWith(headers.metadata), attemptStats: stats };
  }

  #startStats(kind: "retry" | "hedge" | "transparent"): void {
    const { stats, previousAttempts = 0 } = this.#headers;
    const isFirst = previousAttempts === 0 && kind !== "transparent";
    const start: AttemptStart = { kind: isFirst ? "first" : kind, previousAttempts };
    this.#stats = stats?.startAttempt(start);
  }

  #sayAgain(stream: RequestStream): void {
    const kept = this.#messageCount === 0 ? [] : [this.#first, ...(this.#rest ?? [])];
    const isCurrent = () => this.#stream === stream;
    const endsWithMessage = () => this.#finished === "withMessage";
    const writable = replay(stream, kept, this.#pulled, isCurrent, endsWithMessage);
    if (!isCurrent()) return;
    if (this.#finished === "alone") stream.finish();
    if (kept.length > maxKeptMessages) this.#commit();
    if (!this.#blocked || !writable) return;
    this.#blocked = false;
    this.#sink.onWritable();
  }

  #keep(message: unknown): void {
    this.#messageCount++;
    if (this.#messageCount === 1) this.#first = message;
    else if (this.#rest === undefined) this.#rest = [message];
    else this.#rest.push(message);
    // Without a stream everything is kept: there is nobody else to keep it.
    if (this.#messageCount > maxKeptMessages && this.#stream !== undefined) this.#commit();
  }

  #commit(): void {
    this.#committed = true;
    this.#first = undefined;
    this.#rest = undefined;
  }

  #end(status: Status): void {
    const isStarted = this.#place === started;
    this.#place = ended;
    this.#stream = undefined;
    this.#commit();
    const told = this.#endAttempt(status);
    this.#stats?.onEnd(told);
    if (told.code === StatusCode.OK) this.#queue.throttle?.onSuccess();
    const isPlain = told.code === StatusCode.OK && this.#options.info === undefined;
    this.#sink.onStatus(isPlain ? told : withWaits(told, this.#waits, isStarted, this.#queue));
  }

  #noConnection(): string {
    return `no connection to ${JSON.stringify(this.#queue.target)}: `;
  }
}
