/** What the page and the program say to each other, in JSON. Types only: both sides are compiled with them. */

export type MethodKind = "unary" | "server_streaming" | "client_streaming" | "bidi_streaming";

/** GET api/catalog. */
export interface Catalog {
  readonly target: string;
  readonly services: readonly ServiceView[];
  /** Why there are none. */
  readonly problem?: string | undefined;
  /** Names of the metadata that goes with each call because the command line says so. */
  readonly headerNames: readonly string[];
  readonly timeoutMs?: number | undefined;
}

export interface ServiceView {
  readonly name: string;
  /** Of the .proto; empty where the server does not send them. */
  readonly comment: string;
  readonly methods: readonly MethodView[];
  /** Why its methods are not known. */
  readonly problem?: string | undefined;
}

export interface MethodView {
  readonly name: string;
  readonly kind: MethodKind;
  readonly comment: string;
  readonly isDeprecated: boolean;
  readonly idempotency: "" | "NO_SIDE_EFFECTS" | "IDEMPOTENT";
  readonly input: string;
  readonly output: string;
}

/** GET api/types: what a form of one message is made of. */
export interface TypesView {
  readonly root: string;
  readonly messages: Readonly<Record<string, MessageView>>;
  readonly enums: Readonly<Record<string, EnumView>>;
}

export interface MessageView {
  readonly name: string;
  readonly comment: string;
  readonly fields: readonly FieldView[];
}

export interface EnumView {
  readonly name: string;
  readonly values: readonly { readonly name: string; readonly number: number; readonly comment: string }[];
}

export type FieldShape = "single" | "list" | "map";

export interface FieldView {
  /** In JSON. */
  readonly name: string;
  readonly comment: string;
  readonly shape: FieldShape;
  /** Of a map. */
  readonly key?: string | undefined;
  /** A scalar's name (`int64`), `enum` or `message`. */
  readonly type: string;
  /** Of an enum or a message. */
  readonly typeName?: string | undefined;
  readonly oneof?: string | undefined;
  /** Whether it is told apart from its zero. */
  readonly hasPresence: boolean;
  readonly isRequired: boolean;
  readonly isDeprecated: boolean;
}

/** POST api/start. */
export interface StartRequest {
  readonly page: string;
  /** Chosen by the page. */
  readonly call: string;
  readonly service: string;
  readonly method: string;
  /** JSON: one message, or what a stream begins with. */
  readonly messages: readonly string[];
  /** Half-closes behind them. */
  readonly isFinished: boolean;
  readonly metadata: readonly Pair[];
  readonly timeoutMs?: number | undefined;
}

/** POST api/send, api/finish, api/cancel. */
export interface CallRequest {
  readonly page: string;
  readonly call: string;
  readonly message?: string | undefined;
}

/** Of what is binary in base64. */
export type Pair = readonly [name: string, value: string];

/** GET api/events: server-sent events, each one of these. */
export type PageEvent = HelloEvent | MessageEvent | SentEvent | EndEvent | LoadEvent;

/** The first one. */
export interface HelloEvent {
  readonly type: "hello";
  readonly page: string;
}

export interface MessageEvent {
  readonly type: "message";
  readonly call: string;
  /** From 1. */
  readonly index: number;
  readonly text: string;
  /** Characters that were left out. */
  readonly cut: number;
  readonly atMs: number;
  /** With the first one. */
  readonly headers?: readonly Pair[] | undefined;
}

export interface SentEvent {
  readonly type: "sent";
  readonly call: string;
  readonly count: number;
}

export interface EndEvent {
  readonly type: "end";
  readonly call: string;
  readonly code: number;
  readonly name: string;
  readonly message: string;
  readonly elapsedMs: number;
  readonly messages: number;
  readonly headers: readonly Pair[];
  readonly trailers: readonly Pair[];
  readonly details: readonly DetailView[];
  readonly peer?: string | undefined;
  readonly delivery?: string | undefined;
  readonly attempts?: number | undefined;
  readonly history: readonly string[];
  readonly notRetried?: string | undefined;
  readonly timings: readonly (readonly [name: string, ms: number])[];
}

export interface DetailView {
  readonly typeUrl: string;
  /** JSON, where the type is known; else `bytes`, in base64. */
  readonly text?: string | undefined;
  readonly bytes?: string | undefined;
}

/** What channelz says of all servers of the process, once a second. */
export interface LoadEvent {
  readonly type: "load";
  /** Since the beginning. */
  readonly started?: number | undefined;
  readonly failed?: number | undefined;
  readonly inFlight?: number | undefined;
  /** Why there is nothing. */
  readonly problem?: string | undefined;
}

/** Of an answer that is none. */
export interface Problem {
  readonly problem: string;
}
