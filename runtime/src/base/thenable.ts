/** Whether a value is a promise, or behaves like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === "object" || typeof value === "function") &&
    typeof (value as { then?: unknown }).then === "function"
  );
}

function ignore(): void {}

/**
 * Marks a promise that is about to reject as seen: a caller who awaits it still gets the rejection, one who dropped it
 * does not get an unhandledRejection that ends the process.
 */
export function markHandled(promise: PromiseLike<unknown>): void {
  promise.then(undefined, ignore);
}
