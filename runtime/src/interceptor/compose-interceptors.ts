import type { Interceptor, RawInterceptor } from "../rpc/interceptor.js";
import type { Invoker } from "../rpc/invoker.js";
import { interceptAsync } from "./async-interceptor.js";
import type { InterceptorErrorHandler } from "./intercepted-stream.js";
import { guardRaw } from "./raw-guard.js";

/** One layer of a chain: the promise form as it is, a RawInterceptor as `{ raw }`. */
export type InterceptorLayer = Interceptor | { readonly raw: RawInterceptor };

/** Puts interceptors in front of an Invoker; the first of the list is the outermost. An empty list costs nothing. */
export function composeInterceptors(
  layers: readonly InterceptorLayer[],
  invoker: Invoker,
  onError?: InterceptorErrorHandler,
): Invoker {
  let composed = invoker;
  for (let i = layers.length - 1; i >= 0; i--) {
    const layer = layers[i] as InterceptorLayer;
    const raw = typeof layer === "function" ? interceptAsync(layer, onError) : guardRaw(layer.raw, onError);
    composed = raw(composed);
  }
  return composed;
}
