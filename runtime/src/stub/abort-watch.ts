import type { CallOptions } from "../rpc/call-options.js";
import type { RequestStream } from "../rpc/invoker.js";
import type { Status } from "../rpc/status.js";
import { abortedStatus } from "./call-start.js";

/** The status of a call that is not worth starting: one of its signals has aborted already. */
export function abortedBeforeStart(options: CallOptions): Status | undefined {
  if (options.signal?.aborted) return { ...abortedStatus(options.signal), delivery: "not-sent" };
  const inherited = options.context?.signal;
  if (inherited?.aborted) return { ...abortedStatus(inherited), delivery: "not-sent" };
  return undefined;
}

/**
 * The calls that hear of one signal, through one listener: an EventTarget warns of a leak at the eleventh, and takes
 * longer to remove one the more there are.
 */
class SignalWatch {
  readonly #signal: AbortSignal;
  readonly #calls = new Set<AbortWatch>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(call: AbortWatch): void {
    if (this.#calls.size === 0) this.#signal.addEventListener("abort", this);
    this.#calls.add(call);
  }

  delete(call: AbortWatch): void {
    if (this.#calls.delete(call) && this.#calls.size === 0) this.#signal.removeEventListener("abort", this);
  }

  /** An EventListener is the object itself: no closure per signal. */
  handleEvent(): void {
    for (const call of [...this.#calls]) if (this.#calls.has(call)) call.onAbort(this.#signal);
  }
}

const watches = new WeakMap<AbortSignal, SignalWatch>();

function watchOf(signal: AbortSignal): SignalWatch {
  let watch = watches.get(signal);
  if (watch === undefined) {
    watch = new SignalWatch(signal);
    watches.set(signal, watch);
  }
  return watch;
}

/** Cancels a call when its signal or the signal of the handler it is made for aborts. `stop` when the call has ended. */
export class AbortWatch {
  readonly #stream: RequestStream;
  readonly #signals: readonly AbortSignal[];
  readonly #beforeCancel: (() => void) | undefined;

  /** `beforeCancel` runs before the call is cancelled. */
  constructor(options: CallOptions, stream: RequestStream, beforeCancel?: () => void) {
    this.#stream = stream;
    this.#beforeCancel = beforeCancel;
    this.#signals = [options.signal, options.context?.signal].filter((signal) => signal !== undefined);
    for (const signal of this.#signals) watchOf(signal).add(this);
    // While the call started: by an interceptor, for example.
    const aborted = this.#signals.find((signal) => signal.aborted);
    if (aborted !== undefined) this.onAbort(aborted);
  }

  /** `signal` has aborted. */
  onAbort(signal: AbortSignal): void {
    this.stop();
    this.#beforeCancel?.();
    this.#stream.cancel(abortedStatus(signal));
  }

  stop(): void {
    for (const signal of this.#signals) watchOf(signal).delete(this);
  }
}

/** Undefined, and nothing allocated, for a call without signals. */
export function watchAbort(options: CallOptions, stream: RequestStream, onAbort?: () => void): AbortWatch | undefined {
  if (options.signal === undefined && !options.context) return undefined;
  return new AbortWatch(options, stream, onAbort);
}
