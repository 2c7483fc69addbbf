/** Contexts of handlers that go on to the calls which these make, though nobody hands them over. */
import type { AsyncScope, Platform } from "../base/platform.js";
import type { CallContext, CallOptions } from "./call-options.js";

/** One for the process, since who makes a call knows no server. Undefined until a server wants it: till then it costs nothing. */
let scope: AsyncScope<CallContext> | undefined;

/** The scope in which handlers run. Throws TypeError when the platform has none. */
export function ambientScope(platform: Platform): AsyncScope<CallContext> {
  scope ??= platform.createAsyncScope?.();
  if (scope === undefined) throw new TypeError("propagateContext is true: expected a platform with createAsyncScope");
  return scope;
}

/** The options with the context of the handler that makes the call; the same object where there is none, or they have their own. */
export function withAmbientContext(options: CallOptions): CallOptions {
  if (scope === undefined || options.context !== undefined) return options;
  const context = scope.current();
  return context === undefined ? options : { ...options, context };
}

/** How to call a function later as if it were called now: with the context that there is, or with none. Undefined while no server wants contexts. */
export function enterOfAmbientContext(): (<R>(fn: () => R) => R) | undefined {
  const entered = scope;
  if (entered === undefined) return undefined;
  const context = entered.current();
  return (fn) => entered.run(context, fn);
}
