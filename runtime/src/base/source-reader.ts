import { isThenable } from "./thenable.js";

/** Where a SourceReader brings what it reads. onSourceEnd, onSourceError and onSourceStopped exclude each other. */
export interface SourceSink {
  /** False: read no further until `resume`. */
  onSourceMessage(message: unknown): boolean;
  /** The source has given everything. */
  onSourceEnd(): void;
  /** The source threw. */
  onSourceError(error: unknown): void;
  /** What `stop` led to: the source has returned, with what it threw on its way out if it did. Never comes if it hangs. */
  onSourceStopped(error?: unknown): void;
}

/** What is used of an iterator, sync or async. */
export interface SourceIterator {
  next(): unknown;
  return?(): unknown;
}

type ReaderState =
  /** Waits for `resume`. */
  | "idle"
  /** In the loop, or waiting for the promise of a `next`. */
  | "reading"
  /** The source has ended or was stopped. */
  | "done";

/** The iterator of an Iterable or AsyncIterable, undefined when the value is neither. May throw what the source throws. */
export function openSource(source: unknown): SourceIterator | undefined {
  if (source === null || source === undefined) return undefined;
  const iterable = source as { [Symbol.asyncIterator]?: unknown; [Symbol.iterator]?: unknown };
  const open = iterable[Symbol.asyncIterator] ?? iterable[Symbol.iterator];
  if (typeof open !== "function") return undefined;
  const iterator: unknown = Reflect.apply(open, source, []);
  const isIterator = typeof iterator === "object" && iterator !== null && "next" in iterator;
  return isIterator ? (iterator as SourceIterator) : undefined;
}

/** Calls a function of the application where it sees its own context. */
export type Enter = <R>(fn: () => R) => R;

/** A generator goes on in the context of whoever asks it for more, not in that of its call. */
export function enteredIterator(iterator: SourceIterator, enter: Enter): SourceIterator {
  return {
    next: () => enter(() => iterator.next()),
    return: () => enter(() => iterator.return?.()),
  };
}

/**
 * Reads an iterator, sync or async, as fast as its sink allows. There is one `then` for a result that comes as a
 * promise and nothing for one that does not; no exception of the source escapes.
 */
export class SourceReader {
  readonly #iterator: SourceIterator;
  readonly #sink: SourceSink;
  #state: ReaderState = "idle";
  /** `resume` came while the sink was taking a message. */
  #isResumed = false;
  /** What a `next` that was under way threw after `stop`. */
  #lateError: unknown;
  readonly #onResult: (result: unknown) => void;
  readonly #onError: (error: unknown) => void;

  constructor(iterator: SourceIterator, sink: SourceSink) {
    this.#iterator = iterator;
    this.#sink = sink;
    this.#onResult = (result) => {
      if (this.#accept(result)) this.#read();
    };
    this.#onError = (error) => this.#fail(error);
  }

  /** Starts, and goes on after onSourceMessage returned false. */
  resume(): void {
    if (this.#state === "reading") this.#isResumed = true;
    if (this.#state !== "idle") return;
    this.#state = "reading";
    this.#read();
  }

  /** Calls the source's `return`; nothing but onSourceStopped follows. Does nothing once the source has ended. */
  stop(): void {
    if (this.#state === "done") return;
    this.#state = "done";
    let returned: unknown;
    try {
      returned = this.#iterator.return?.();
      if (isThenable(returned)) {
        returned.then(
          () => this.#sink.onSourceStopped(this.#lateError),
          (error: unknown) => this.#sink.onSourceStopped(error),
        );
        return;
      }
    } catch (error) {
      this.#sink.onSourceStopped(error);
      return;
    }
    this.#sink.onSourceStopped();
  }

  #read(): void {
    for (;;) {
      let result: unknown;
      try {
        result = this.#iterator.next();
        if (isThenable(result)) {
          result.then(this.#onResult, this.#onError);
          return;
        }
      } catch (error) {
        this.#fail(error);
        return;
      }
      if (!this.#accept(result)) return;
    }
  }

  /** Whether to read on. */
  #accept(result: unknown): boolean {
    if (this.#isDone()) return false;
    if (typeof result !== "object" || result === null) {
      this.#fail(new TypeError(`the iterator's next() gave ${String(result)}, expected an object with done and value`));
      return false;
    }
    let isLast: boolean;
    let value: unknown;
    try {
      isLast = Boolean((result as IteratorResult<unknown>).done);
      value = (result as IteratorResult<unknown>).value;
    } catch (error) {
      this.#fail(error);
      return false;
    }
    if (isLast) {
      this.#state = "done";
      this.#sink.onSourceEnd();
      return false;
    }
    this.#isResumed = false;
    const goesOn = this.#sink.onSourceMessage(value);
    if (this.#isDone()) return false;
    if (goesOn || this.#isResumed) return true;
    this.#state = "idle";
    return false;
  }

  #fail(error: unknown): void {
    if (this.#isDone()) {
      this.#lateError = error;
      return;
    }
    this.#state = "done";
    this.#sink.onSourceError(error);
  }

  #isDone(): boolean {
    return this.#state === "done";
  }
}
