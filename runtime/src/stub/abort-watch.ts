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

/** Cancels a call when its signal or the signal of the handler it is made for aborts. `stop` when the call has ended. */
export class AbortWatch {
  readonly #stream: RequestStream;
  readonly #signals: readonly AbortSignal[];
  readonly #onAbort: (() => void) | undefined;

  /** `onAbort` runs before the call is cancelled. */
  constructor(options: CallOptions, stream: RequestStream, onAbort?: () => void) {
    this.#stream = stream;
    this.#onAbort = onAbort;
    this.#signals = [options.signal, options.context?.signal].filter((signal) => signal !== undefined);
    for (const signal of this.#signals) signal.addEventListener("abort", this);
  }

  /** An EventListener is the object itself: no closure per call. */
  handleEvent(): void {
    const aborted = this.#signals.find((signal) => signal.aborted);
    this.stop();
    if (aborted === undefined) return;
    this.#onAbort?.();
    this.#stream.cancel(abortedStatus(aborted));
  }

  stop(): void {
    for (const signal of this.#signals) signal.removeEventListener("abort", this);
  }
}

/** Undefined, and nothing allocated, for a call without signals. */
export function watchAbort(options: CallOptions, stream: RequestStream, onAbort?: () => void): AbortWatch | undefined {
  if (options.signal === undefined && options.context === undefined) return undefined;
  return new AbortWatch(options, stream, onAbort);
}
