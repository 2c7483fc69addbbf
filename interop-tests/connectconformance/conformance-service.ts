/** ConformanceService: a server that answers as the first request says, and reports what it saw. */
import { setTimeout as delay } from "node:timers/promises";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import { type HandlerContext, statusDetail } from "godwit";
import type { ConformanceServiceHandlers } from "../gen/connectrpc/conformance/v1/service_godwit.js";
import {
  BidiStreamRequestSchema,
  ClientStreamRequestSchema,
  type ConformancePayloadSchema,
  IdempotentUnaryRequestSchema,
  type ConformancePayload_RequestInfo as RequestInfo,
  ConformancePayload_RequestInfoSchema as RequestInfoSchema,
  ServerStreamRequestSchema,
  type StreamResponseDefinition,
  UnaryRequestSchema,
  type UnaryResponseDefinition,
} from "../gen/connectrpc/conformance/v1/service_pb.js";
import { toStatusError } from "./errors.js";
import { fromMetadata, toMetadata } from "./headers.js";

type Payload = MessageInitShape<typeof ConformancePayloadSchema>;

/** All but Unimplemented. */
export const conformanceHandlers: Omit<ConformanceServiceHandlers, "unimplemented"> = {
  async unary(request, context) {
    return { payload: await answer(request.responseDefinition, [anyPack(UnaryRequestSchema, request)], context) };
  },

  async idempotentUnary(request, context) {
    const requests = [anyPack(IdempotentUnaryRequestSchema, request)];
    return { payload: await answer(request.responseDefinition, requests, context) };
  },

  async clientStream(requests, context) {
    let definition: UnaryResponseDefinition | undefined;
    const seen: Any[] = [];
    for await (const request of requests) {
      if (seen.length === 0) definition = request.responseDefinition;
      seen.push(anyPack(ClientStreamRequestSchema, request));
    }
    return { payload: await answer(definition, seen, context) };
  },

  async *serverStream(request, context) {
    if (request.responseDefinition === undefined) return;
    const responses = new Responses(request.responseDefinition, context);
    yield* responses.remaining([anyPack(ServerStreamRequestSchema, request)]);
  },

  async *bidiStream(requests, context) {
    let responses: Responses | undefined;
    let isFullDuplex = false;
    let isFirst = true;
    let seen: Any[] = [];
    for await (const request of requests) {
      seen.push(anyPack(BidiStreamRequestSchema, request));
      if (isFirst) {
        isFirst = false;
        isFullDuplex = request.fullDuplex;
        if (request.responseDefinition !== undefined) responses = new Responses(request.responseDefinition, context);
      }
      if (!isFullDuplex) continue;
      if (responses === undefined || responses.isComplete) break;
      yield await responses.next(seen);
      seen = [];
    }
    if (responses !== undefined) yield* responses.remaining(seen);
  },
};

/** The answer of a method that has one. Throws the error that was asked for. */
async function answer(
  definition: UnaryResponseDefinition | undefined,
  requests: Any[],
  context: HandlerContext,
): Promise<Payload> {
  if (definition === undefined) return { requestInfo: requestInfo(requests, context) };
  context.setHeaders(toMetadata(definition.responseHeaders));
  context.trailers.merge(toMetadata(definition.responseTrailers));
  await delay(definition.responseDelayMs, undefined, { signal: context.signal });
  const info = requestInfo(requests, context);
  const { response } = definition;
  if (response.case === "error") throw toStatusError(response.value, [statusDetail(RequestInfoSchema, info)]);
  return { requestInfo: info, ...(response.case === "responseData" && { data: response.value }) };
}

/** The answers of a method that has many. Headers leave when it is made. */
class Responses {
  #sent = 0;
  readonly #definition: StreamResponseDefinition;
  readonly #context: HandlerContext;

  constructor(definition: StreamResponseDefinition, context: HandlerContext) {
    this.#definition = definition;
    this.#context = context;
    context.setHeaders(toMetadata(definition.responseHeaders));
    context.trailers.merge(toMetadata(definition.responseTrailers));
  }

  get isComplete(): boolean {
    return this.#sent >= this.#definition.responseData.length;
  }

  /** The next one, which reports the requests that were seen since the last. */
  async next(requests: Any[]): Promise<{ payload: Payload }> {
    const data = this.#definition.responseData[this.#sent] ?? new Uint8Array();
    const isFirst = this.#sent === 0;
    this.#sent++;
    await delay(this.#definition.responseDelayMs, undefined, { signal: this.#context.signal });
    if (isFirst) return { payload: { data, requestInfo: requestInfo(requests, this.#context) } };
    return { payload: { data, ...(requests.length > 0 && { requestInfo: { requests } }) } };
  }

  /** All that are left, and the error if one was asked for. */
  async *remaining(requests: Any[]): AsyncGenerator<{ payload: Payload }> {
    let seen = requests;
    while (!this.isComplete) {
      yield await this.next(seen);
      seen = [];
    }
    const { error } = this.#definition;
    if (error === undefined) return;
    const last = this.#sent === 0 ? [statusDetail(RequestInfoSchema, requestInfo(seen, this.#context))] : [];
    throw toStatusError(error, last);
  }
}

function requestInfo(requests: Any[], context: HandlerContext): RequestInfo {
  const timeoutMs = context.timeoutMs();
  return create(RequestInfoSchema, {
    requestHeaders: fromMetadata(context.metadata),
    requests,
    ...(Number.isFinite(timeoutMs) && { timeoutMs: BigInt(Math.floor(timeoutMs)) }),
  });
}
