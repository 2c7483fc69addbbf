import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type Any, anyIs, anyPack } from "@bufbuild/protobuf/wkt";
import type { Peer } from "../base/platform.js";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import type { CallTimings } from "./call-timings.js";
import { Metadata, type MetadataInit } from "./metadata.js";
import type { AttemptRecord, Delivery, Status } from "./status.js";
import { isStatusCode, StatusCode, statusCodeName } from "./status-code.js";

/** On the prototype, so that instances of other copies of this package are known too. */
const brand: unique symbol = Symbol.for("godwit.StatusError");

const maxInt32 = 0x7fff_ffff;

/** One detail of an error: a schema and a message of it, or the message's fields. Make it with `statusDetail`. */
export interface StatusDetail {
  readonly schema: DescMessage;
  readonly value: object;
}

/** Pairs a detail with its schema and has the compiler check that they fit. */
export function statusDetail<Desc extends DescMessage>(schema: Desc, value: MessageInitShape<Desc>): StatusDetail {
  return { schema, value };
}

/** What a handler may say with an error. */
export interface StatusErrorOptions {
  /** Sent in grpc-status-details-bin. */
  readonly details?: readonly StatusDetail[] | undefined;
  /** Sent behind the status. */
  readonly trailers?: Metadata | MetadataInit | undefined;
  /** Asks the client to retry after so many milliseconds (grpc-retry-pushback-ms, gRFC A6); negative: not to retry at all. */
  readonly retryAfterMs?: number | undefined;
  /** What led to it in this process; never sent. */
  readonly cause?: unknown;
}

/** What the stub knows of a failed call besides its status. */
export interface StatusErrorContext {
  /** `/package.Service/Method`. */
  readonly method?: string | undefined;
  readonly peer?: Peer | undefined;
  readonly headers?: Metadata | undefined;
}

/** The one error of a call: thrown by stubs, and by handlers that answer with other than success. */
export class StatusError extends Error {
  /** Bundlers rename classes that mention themselves; logs show this name. */
  static override readonly name: string = "StatusError";

  override readonly name = "StatusError";
  readonly code: StatusCode;
  /** What the server, or the runtime, said; `message` adds code, method and peer. */
  readonly statusMessage: string;
  /** Of the response; empty when none have come. */
  readonly headers: Metadata;
  readonly trailers: Metadata;
  /** `/package.Service/Method`; undefined for an error that was not received. */
  readonly method: string | undefined;
  /** Who answered, or should have. */
  readonly peer: Peer | undefined;
  /** Whether the server may have acted; undefined for an error that was not received. */
  readonly delivery: Delivery | undefined;
  /** Where its time went; undefined for an error that was not received over a channel. */
  readonly timings: CallTimings | undefined;
  /** How often it was given to a connection; 0: there was none. Undefined for an error that was not received over a channel. */
  readonly attempts: number | undefined;
  /** Attempts that failed, the last one among them; empty where there was no more than one. */
  readonly history: readonly AttemptRecord[];
  /** Why it was not tried again although its policy would have had it tried: a clause; undefined when nothing but the policy decided. */
  readonly notRetried: string | undefined;
  /** A serialized google.rpc.Status, the value of grpc-status-details-bin; see findDetails. */
  readonly details: Uint8Array | undefined;
  /** Milliseconds after which the server wants a retry; negative: it wants none; undefined: it says nothing. */
  readonly retryAfterMs: number | undefined;

  /** Throws TypeError when the code is OK or no status code, the message no text, or a detail or the trailers cannot be sent. */
  constructor(code: StatusCode, message: string, options: StatusErrorOptions = {}) {
    if (!isStatusCode(code) || code === StatusCode.OK) {
      throw new TypeError(`code of a StatusError is ${code}, expected 1 to 16`);
    }
    if (typeof message !== "string") {
      throw new TypeError(`message of a StatusError is a value of type ${typeof message}, expected a string`);
    }
    const { cause, details, retryAfterMs, trailers } = options;
    const known = options instanceof ReceivedStatus ? options : undefined;
    super(composeMessage(code, message, known), cause === undefined ? undefined : { cause });
    this.code = code;
    this.statusMessage = message;
    this.headers = known?.context.headers ?? new Metadata();
    this.trailers = trailers instanceof Metadata ? trailers : new Metadata(trailers);
    this.method = known?.context.method;
    this.peer = known?.context.peer;
    this.delivery = known?.status.delivery;
    this.timings = known?.status.timings;
    this.attempts = known?.status.attempts;
    this.history = known?.status.history ?? [];
    this.notRetried = known?.status.notRetried;
    this.details = known === undefined ? packDetails(code, message, details) : known.status.details;
    this.retryAfterMs = retryAfterMs === undefined ? undefined : checkRetryAfter(retryAfterMs);
  }

  get [brand](): true {
    return true;
  }

  /** True for instances of other copies of this package too; for a subclass as usual. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: subclasses inherit this and must not take in every StatusError
    return isInstance(this, value);
  }

  /**
   * The error of a call that ended with `status`, whose code is not OK. Its stack has no frames: they would be those of the
   * socket that brought the status, and V8 keeps the objects of each frame until somebody reads the stack: the call and its
   * connection would live as long as an error that is kept.
   */
  static fromStatus(status: Status, context: StatusErrorContext = {}): StatusError {
    const limit = Error.stackTraceLimit;
    setStackTraceLimit(0);
    try {
      return new StatusError(status.code, status.message, new ReceivedStatus(status, context));
    } finally {
      setStackTraceLimit(limit);
    }
  }

  /** The status that a thrown value stands for; undefined unless it is a StatusError. */
  static statusOf(error: unknown): Status | undefined {
    return error instanceof StatusError ? error.toStatus() : undefined;
  }

  toStatus(): Status {
    return {
      code: this.code,
      message: this.statusMessage,
      trailers: this.trailers,
      ...(this.details !== undefined && { details: this.details }),
      ...(this.retryAfterMs !== undefined && { retryPushbackMs: this.retryAfterMs }),
      ...(this.delivery !== undefined && { delivery: this.delivery }),
      ...(this.cause !== undefined && { cause: this.cause }),
    };
  }

  /** The details of a type, in order. Empty when there are none, and for what cannot be decoded. */
  findDetails<Desc extends DescMessage>(schema: Desc): MessageShape<Desc>[] {
    const found: MessageShape<Desc>[] = [];
    for (const any of unpackDetails(this.details)) {
      if (!anyIs(any, schema)) continue;
      const message = tryDecode(schema, any.value);
      if (message !== undefined) found.push(message);
    }
    return found;
  }
}

function isInstance(asked: unknown, value: unknown): boolean {
  if (asked !== StatusError) return Function.prototype[Symbol.hasInstance].call(asked, value);
  if (typeof value !== "object" || value === null) return false;
  try {
    return brand in value;
  } catch {
    // A Proxy's trap may throw; whatever it stands for, it is not one of ours.
    return false;
  }
}

/** Where a program has frozen Error, it cannot be set. */
function setStackTraceLimit(limit: number): void {
  Reflect.set(Error, "stackTraceLimit", limit);
}

/** Options of an error that was made of a status: how fromStatus reaches the constructor's readonly fields. */
class ReceivedStatus implements StatusErrorOptions {
  readonly trailers: Metadata | undefined;
  readonly retryAfterMs: number | undefined;
  readonly cause: unknown;

  constructor(
    readonly status: Status,
    readonly context: StatusErrorContext,
  ) {
    this.trailers = status.trailers;
    this.retryAfterMs = status.retryPushbackMs;
    this.cause = status.cause;
  }
}

/** `NOT_FOUND: no item "x" (/shop.v1.Shop/Get, ipv4:127.0.0.1:50051)`. */
function composeMessage(code: StatusCode, message: string, known: ReceivedStatus | undefined): string {
  const what = message === "" ? statusCodeName(code) : `${statusCodeName(code)}: ${message}`;
  const { method, peer } = known?.context ?? {};
  const where = [method, peer?.address].filter((part) => part !== undefined).join(", ");
  const obstacle = known?.status.notRetried;
  const parts = [where, obstacle === undefined ? "" : `not tried again: ${obstacle}`].filter((part) => part !== "");
  return parts.length === 0 ? what : `${what} (${parts.join("; ")})`;
}

function packDetails(
  code: StatusCode,
  message: string,
  details: readonly StatusDetail[] | undefined,
): Uint8Array | undefined {
  if (details === undefined || details.length === 0) return undefined;
  const anys = details.map(({ schema, value }) => {
    const { $typeName } = value as { readonly $typeName?: unknown };
    if ($typeName !== undefined && $typeName !== schema.typeName) {
      throw new TypeError(`detail is a ${String($typeName)}, expected a ${schema.typeName}`);
    }
    return anyPack(schema, create(schema, value as MessageInitShape<DescMessage>));
  });
  return toBinary(StatusSchema, create(StatusSchema, { code, message, details: anys }));
}

function unpackDetails(details: Uint8Array | undefined): readonly Any[] {
  return (details === undefined ? undefined : tryDecode(StatusSchema, details))?.details ?? [];
}

/** A peer's bytes: what is malformed is nothing, not an exception. */
function tryDecode<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> | undefined {
  try {
    return fromBinary(schema, bytes);
  } catch {
    return undefined;
  }
}

function checkRetryAfter(ms: number): number {
  if (Number.isFinite(ms) && ms <= maxInt32) return ms < 0 ? -1 : Math.ceil(ms);
  throw new TypeError(`retryAfterMs is ${ms}, expected at most ${maxInt32}`);
}
