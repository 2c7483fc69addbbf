/** A promise that is settled from outside: how a test awaits an event. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

export function deferred<T = void>(): Deferred<T> {
  let settle: ((value: T) => void) | undefined;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: (value) => settle?.(value) };
}

/** Opens when `count` have arrived: everyone who waits goes on then. */
export class Barrier {
  readonly opened: Promise<void>;
  readonly #open: Deferred<void> = deferred();
  #missing: number;

  constructor(count: number) {
    this.#missing = count;
    this.opened = this.#open.promise;
  }

  arrive(): Promise<void> {
    this.#missing--;
    if (this.#missing === 0) this.#open.resolve();
    return this.opened;
  }
}
