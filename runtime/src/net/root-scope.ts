import { AsyncResource } from "node:async_hooks";

/**
 * The asynchronous context of the program itself, in which everything that serves many calls is made.
 *
 * A shared timer, turn or connection belongs to no caller. Were it made in the context of whoever happened to ask first,
 * the AsyncLocalStorage of that one request would be kept alive by it, and be seen by the handlers of others.
 */
const rootScope = /* @__PURE__ */ new AsyncResource("GODWIT");

/** Calls `fn(...args)` outside every request's context. */
export function inRootScope<A extends unknown[], R>(fn: (...args: A) => R, ...args: A): R {
  return rootScope.runInAsyncScope(fn, undefined, ...args);
}
