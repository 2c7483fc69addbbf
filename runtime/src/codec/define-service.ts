import type { DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import type { IdempotencyLevel, MethodDescriptor, MethodKind } from "../rpc/method-descriptor.js";
import type { HedgingOptions, RetryOptions } from "../rpc/retry-options.js";
import type { Service } from "../rpc/service.js";
import { chooseCodec } from "./codec-choice.js";
import type { SomeCompiledFunctions } from "./compiled-codec.js";

/** What the .proto says about calls of a method (godwit/options.proto). */
export interface MethodDefaults {
  readonly timeoutMs?: number | undefined;
  readonly retry?: false | RetryOptions | undefined;
  readonly hedging?: HedgingOptions | undefined;
}

/** One method as generated code writes it out. A stub of a newer generator may say more; what is absent has its default. */
export interface MethodDefinition extends MethodDefaults {
  /** `/package.Service/Method`. */
  readonly path: string;
  /** Name in the .proto. */
  readonly name: string;
  readonly kind: MethodKind;
  readonly idempotency: IdempotencyLevel;
  readonly request: DescMessage;
  readonly response: DescMessage;
  /** Compiled codecs of the two; absent where protobuf-es reads and writes. */
  readonly requestCodec?: SomeCompiledFunctions;
  readonly responseCodec?: SomeCompiledFunctions;
}

/** A method for each function of the client's and handlers' interfaces, under the function's name. */
export type MethodDefinitions<Client, Handlers> = {
  readonly [Name in keyof Client | keyof Handlers]: MethodDefinition;
};

/**
 * Makes a Service of what protoc-gen-godwit wrote. Called by generated code when its module is loaded. Throws when the
 * descriptor of protoc-gen-es does not fit: the two files come from different versions of the .proto.
 */
export function defineService<Client, Handlers>(
  desc: DescService,
  methods: MethodDefinitions<Client, Handlers>,
): Service<Client, Handlers> {
  const definitions = Object.entries<MethodDefinition>(methods);
  if (definitions.length !== desc.methods.length) {
    throw stale(desc, `has ${definitions.length} methods in the stub and ${desc.methods.length} in its descriptor`);
  }
  return createService(
    desc,
    definitions.map(([localName, definition]) => {
      const method = findMethod(desc, definition);
      return createMethod(localName, definition, method);
    }),
  );
}

/** The one place where a Service is put together, so that all have the same shape. */
export function createService<Client, Handlers>(
  desc: DescService,
  methods: MethodDescriptor[],
): Service<Client, Handlers> {
  return Object.freeze({ typeName: desc.typeName, methods: Object.freeze(methods), desc });
}

/** The one place where a MethodDescriptor is put together: calls read them all the time, so all have the same shape. */
export function createMethod(localName: string, definition: MethodDefinition, desc: DescMethod): MethodDescriptor {
  return Object.freeze({
    path: definition.path,
    service: desc.parent.typeName,
    name: definition.name,
    localName,
    kind: definition.kind,
    idempotency: definition.idempotency,
    timeoutMs: definition.timeoutMs,
    retry: definition.retry,
    hedging: definition.hedging,
    requestCodec: chooseCodec(definition.request, definition.requestCodec),
    responseCodec: chooseCodec(definition.response, definition.responseCodec),
    desc,
  });
}

function findMethod(desc: DescService, definition: MethodDefinition): DescMethod {
  const { name, kind, request, response } = definition;
  const method = desc.methods.find((candidate) => candidate.name === name);
  if (method === undefined) throw stale(desc, `has no method ${name} in its descriptor`);
  const signature = describeSignature(kind, request, response);
  const expected = describeSignature(method.methodKind, method.input, method.output);
  if (signature !== expected)
    throw stale(desc, `has method ${name} as ${signature} in the stub and as ${expected} in its descriptor`);
  return method;
}

function describeSignature(kind: MethodKind, request: DescMessage, response: DescMessage): string {
  return `${kind} (${request.typeName}) returns (${response.typeName})`;
}

function stale(desc: DescService, observed: string): TypeError {
  return new TypeError(
    `service ${desc.typeName} ${observed}: generate with protoc-gen-es and protoc-gen-godwit from the same .proto`,
  );
}
