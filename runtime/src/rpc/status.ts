import type { Millis, Peer } from "../base/platform.js";
import type { CallTimings } from "./call-timings.js";
import type { Metadata } from "./metadata.js";
import { StatusCode } from "./status-code.js";

/**
 * What is known of a failed call's effect on the server: the request never left (`not-sent`), the server says that it
 * did not look at it (`not-processed`), it left and nothing came back, or what was not gRPC (`unknown`), the server
 * answered (`processed`).
 */
export type Delivery = "not-sent" | "not-processed" | "unknown" | "processed";

/** One attempt of a call that failed. */
export interface AttemptRecord {
  readonly code: StatusCode;
  readonly message: string;
  /** What is known of this attempt's effect. */
  readonly delivery: Delivery | undefined;
  /** Where it went; undefined when there was no connection. */
  readonly peer: Peer | undefined;
  /** Milliseconds on the platform's monotonic clock; in a StatusError from the start of the call. */
  readonly startedAt: Millis;
  readonly endedAt: Millis;
}

/** How a call ended. Travels up the path of a call as data; only the stub makes a StatusError of it. */
export interface Status {
  readonly code: StatusCode;
  /** Empty when the code is OK. */
  readonly message: string;
  /** What came (or is to be sent) with the status, without gRPC's own fields. */
  readonly trailers?: Metadata;
  /** A serialized google.rpc.Status: the value of grpc-status-details-bin. */
  readonly details?: Uint8Array;
  /** Milliseconds after which the server wants a retry (`grpc-retry-pushback-ms`, gRFC A6); negative: it wants none. */
  readonly retryPushbackMs?: number;
  /** Set on the client by the transport. */
  readonly delivery?: Delivery;
  /** Who ended it; set on the client by the transport for calls that ended without headers. */
  readonly peer?: Peer;
  /** Of a failure, and of any call with a CallInfo, as the next two; set on the client by the channel, never sent. */
  readonly timings?: CallTimings;
  /** How often the call was given to a connection. */
  readonly attempts?: number;
  /** Attempts that failed: of a call that failed itself the last one among them, where there was more than one. */
  readonly history?: readonly AttemptRecord[];
  /** Why a call was not tried again that its policy would have tried again: a clause, set on the client by the channel; never sent. */
  readonly notRetried?: string;
  /** No retry may follow, whatever the policy: another attempt would end the same way (gRFC A54 drops; what cannot be encoded). Never sent. */
  readonly isFinal?: boolean;
  /** What led to it in this process; never sent. */
  readonly cause?: unknown;
}

export const OK: Status = Object.freeze({ code: StatusCode.OK, message: "" });
