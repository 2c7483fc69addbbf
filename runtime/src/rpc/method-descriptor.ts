import type { DescMethod } from "@bufbuild/protobuf";
import type { Codec } from "./codec.js";
import type { HedgingOptions, RetryOptions } from "./retry-options.js";

export type MethodKind = "unary" | "client_streaming" | "server_streaming" | "bidi_streaming";

/** google.protobuf.MethodOptions.IdempotencyLevel, by name. */
export type IdempotencyLevel = "IDEMPOTENCY_UNKNOWN" | "NO_SIDE_EFFECTS" | "IDEMPOTENT";

/** What the runtime knows of one method. Immutable; identity may be used as a cache key. */
export interface MethodDescriptor {
  /** `/package.Service/Method`, as it stands in `:path`. */
  readonly path: string;
  /** Full name of the service: `package.Service`. */
  readonly service: string;
  /** Name in the .proto. */
  readonly name: string;
  /** Name of the function on stubs and handlers. */
  readonly localName: string;
  readonly kind: MethodKind;
  readonly idempotency: IdempotencyLevel;
  /** Milliseconds, of the .proto (godwit/options.proto), as the next two: holds where neither the call nor a service config says anything. */
  readonly timeoutMs?: number | undefined;
  /** When calls are tried again; false: only where it is proved that the server did not see them. */
  readonly retry?: false | RetryOptions | undefined;
  /** When attempts start beside the first. */
  readonly hedging?: HedgingOptions | undefined;
  readonly requestCodec: Codec;
  readonly responseCodec: Codec;
  /** The protobuf-es descriptor: schemas, options, comments. */
  readonly desc: DescMethod;
}

/** Whether the client may send other than exactly one message. */
export function clientStreams(kind: MethodKind): boolean {
  return kind === "client_streaming" || kind === "bidi_streaming";
}

/** Whether the server may send other than exactly one message. */
export function serverStreams(kind: MethodKind): boolean {
  return kind === "server_streaming" || kind === "bidi_streaming";
}
