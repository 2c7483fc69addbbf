/** What the engine gave the promise that was made last. */
let lastResolve: (value: never) => void;
let lastReject: (error: unknown) => void;

function keep(resolve: (value: never) => void, reject: (error: unknown) => void): void {
  lastResolve = resolve;
  lastReject = reject;
}

/** A promise with what settles it, as Promise.withResolvers of newer engines; without a closure of its own. */
export class Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;

  constructor() {
    this.promise = new Promise<T>(keep);
    this.resolve = lastResolve as (value: T) => void;
    this.reject = lastReject;
  }
}
