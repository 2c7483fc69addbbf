import type { DescMessage, DescMethod, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import type { CallOptions } from "../rpc/call-options.js";
import type { HandlerContext } from "../rpc/handler-context.js";
import type { MessageSource, ServerStream } from "../rpc/message-source.js";
import type { IdempotencyLevel, MethodDescriptor } from "../rpc/method-descriptor.js";
import type { Service } from "../rpc/service.js";
import { createMethod, createService } from "./define-service.js";
import { methodDefaults } from "./method-defaults.js";

/** `then` would make a promise of the client, `__proto__` sets a prototype; protoc-gen-godwit escapes them alike. */
type LocalName<Name> = Name extends "then" ? "then$" : Name extends "__proto__" ? "__proto__$" : Name;

/** The client's interface of a service without protoc-gen-godwit's stub. */
export type GenServiceClient<Desc extends DescService> = {
  [Name in keyof Desc["method"] as LocalName<Name>]: ClientMethod<Desc["method"][Name]>;
};

/** The handlers' interface of a service without protoc-gen-godwit's stub. */
export type GenServiceHandlers<Desc extends DescService> = {
  [Name in keyof Desc["method"] as LocalName<Name>]: HandlerMethod<Desc["method"][Name]>;
};

interface Method<Kind extends DescMethod["methodKind"], Input extends DescMessage, Output extends DescMessage> {
  readonly methodKind: Kind;
  readonly input: Input;
  readonly output: Output;
}

type ClientMethod<M> =
  M extends Method<"unary", infer I, infer O>
    ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : M extends Method<"server_streaming", infer I, infer O>
      ? (request: MessageInitShape<I>, options?: CallOptions) => ServerStream<MessageShape<O>>
      : M extends Method<"client_streaming", infer I, infer O>
        ? (requests: MessageSource<MessageInitShape<I>>, options?: CallOptions) => Promise<MessageShape<O>>
        : M extends Method<"bidi_streaming", infer I, infer O>
          ? (requests: MessageSource<MessageInitShape<I>>, options?: CallOptions) => ServerStream<MessageShape<O>>
          : never;

type HandlerMethod<M> =
  M extends Method<"unary", infer I, infer O>
    ? (request: MessageShape<I>, context: HandlerContext) => Promise<MessageInitShape<O>> | MessageInitShape<O>
    : M extends Method<"server_streaming", infer I, infer O>
      ? (request: MessageShape<I>, context: HandlerContext) => MessageSource<MessageInitShape<O>>
      : M extends Method<"client_streaming", infer I, infer O>
        ? (
            requests: AsyncIterable<MessageShape<I>>,
            context: HandlerContext,
          ) => Promise<MessageInitShape<O>> | MessageInitShape<O>
        : M extends Method<"bidi_streaming", infer I, infer O>
          ? (requests: AsyncIterable<MessageShape<I>>, context: HandlerContext) => MessageSource<MessageInitShape<O>>
          : never;

/** The handlers' interface of a service, made with or without protoc-gen-godwit. */
export type HandlersOf<S extends Service | DescService> =
  S extends Service<unknown, infer Handlers> ? Handlers : S extends DescService ? GenServiceHandlers<S> : never;

/** A descriptor has one Service, so that a method has one descriptor, whoever asks. */
const services = new WeakMap<DescService, Service>();

/**
 * The Service of a descriptor of protobuf-es: what createClient and server.add take where there is no generated stub.
 * Throws TypeError when two methods would have the same name on the client,
 * or a method's timeout is none.
 */
export function serviceFromDesc<Desc extends DescService>(
  desc: Desc,
): Service<GenServiceClient<Desc>, GenServiceHandlers<Desc>> {
  let service = services.get(desc);
  if (service === undefined) {
    service = createService(desc, describeMethods(desc));
    services.set(desc, service);
  }
  return service as Service<GenServiceClient<Desc>, GenServiceHandlers<Desc>>;
}

function describeMethods(desc: DescService): MethodDescriptor[] {
  const owners = new Map<string, DescMethod>();
  return desc.methods.map((method) => {
    const name = localName(method);
    const other = owners.get(name);
    if (other !== undefined) {
      throw new TypeError(
        `methods ${other.name} and ${method.name} of service ${desc.typeName} would both be called ${name}: rename one of them`,
      );
    }
    owners.set(name, method);
    return describeMethod(name, method);
  });
}

function describeMethod(name: string, method: DescMethod): MethodDescriptor {
  const definition = {
    path: `/${method.parent.typeName}/${method.name}`,
    name: method.name,
    kind: method.methodKind,
    idempotency: idempotencyLevel(method),
    request: method.input,
    response: method.output,
    ...methodDefaults(method),
  };
  return createMethod(name, definition, method);
}

function localName(method: DescMethod): string {
  const name = method.localName;
  return name === "then" || name === "__proto__" ? `${name}$` : name;
}

function idempotencyLevel(method: DescMethod): IdempotencyLevel {
  switch (method.idempotency) {
    case MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS:
      return "NO_SIDE_EFFECTS";
    case MethodOptions_IdempotencyLevel.IDEMPOTENT:
      return "IDEMPOTENT";
    default:
      return "IDEMPOTENCY_UNKNOWN";
  }
}
