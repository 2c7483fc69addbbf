/** ConformanceService: a server that answers as the first request says, and reports what it saw. */
import { setTimeout as delay } from "node:timers/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type HandlerContext, statusDetail } from "godwit";
import type { ConformanceServiceHandlers } from "../gen/connectrpc/conformance/v1/service_godwit.js";
import {
  BidiStreamRequestSchema,
  ClientStreamRequestSchema,
  type ConformancePayloadSchema,
  IdempotentUnaryRequestSchema,
  ConformancePayload_RequestInfoSchema as RequestInfoSchema,
  ServerStreamRequestSchema,
  type StreamResponseDefinition,
  UnaryRequestSchema,
  type UnaryResponseDefinition,
} from "../gen/connectrpc/conformance/v1/service_pb.js";
import { toStatusError } from "./errors.js";
import { toMetadata } from "./headers.js";
import { RequestLog } from "./request-log.js";

type Payload = MessageInitShape<typeof ConformancePayloadSchema>;

/** All but Unimplemented. */
export const conformanceHandlers: Omit<ConformanceServiceHandlers, "unimplemented"> = {
  async unary(request, context) {
    const log = new RequestLog(context).add(UnaryRequestSchema, request);
    return { payload: await answer(request.responseDefinition, log, context) };
  },

  async idempotentUnary(request, context) {
    const log = new RequestLog(context).add(IdempotentUnaryRequestSchema, request);
    return { payload: await answer(request.responseDefinition, log, context) };
  },

  async clientStream(requests, context) {
    const log = new RequestLog(context);
    let first: UnaryResponseDefinition | undefined;
    let count = 0;
    for await (const request of requests) {
      if (count++ === 0) first = request.responseDefinition;
      log.add(ClientStreamRequestSchema, request);
    }
    return { payload: await answer(first, log, context) };
  },

  async *serverStream(request, context) {
    if (request.responseDefinition === undefined) return;
    const log = new RequestLog(context).add(ServerStreamRequestSchema, request);
    yield* new Responses(request.responseDefinition, log, context).remaining();
  },

  async *bidiStream(requests, context) {
    const log = new RequestLog(context);
    let responses: Responses | undefined;
    let isFullDuplex = false;
    let count = 0;
    for await (const request of requests) {
      log.add(BidiStreamRequestSchema, request);
      if (count++ === 0) {
        isFullDuplex = request.fullDuplex;
        if (request.responseDefinition !== undefined) {
          responses = new Responses(request.responseDefinition, log, context);
        }
      }
      if (!isFullDuplex) continue;
      if (responses === undefined || responses.isComplete) break;
      yield await responses.next();
    }
    if (responses !== undefined) yield* responses.remaining();
  },
};

/** The answer of a method that has one. Throws the error that was asked for. */
async function answer(
  definition: UnaryResponseDefinition | undefined,
  log: RequestLog,
  context: HandlerContext,
): Promise<Payload> {
  if (definition === undefined) return { requestInfo: log.take() };
  context.setHeaders(toMetadata(definition.responseHeaders));
  context.trailers.merge(toMetadata(definition.responseTrailers));
  await delay(definition.responseDelayMs, undefined, { signal: context.signal });
  const { response } = definition;
  if (response.case === "error") throw toStatusError(response.value, [statusDetail(RequestInfoSchema, log.take())]);
  return { requestInfo: log.take(), ...(response.case === "responseData" && { data: response.value }) };
}

/** The answers of a method that has many. Headers leave when it is made. */
class Responses {
  #sent = 0;
  readonly #definition: StreamResponseDefinition;
  readonly #log: RequestLog;
  readonly #context: HandlerContext;

  constructor(definition: StreamResponseDefinition, log: RequestLog, context: HandlerContext) {
    this.#definition = definition;
    this.#log = log;
    this.#context = context;
    context.setHeaders(toMetadata(definition.responseHeaders));
    context.trailers.merge(toMetadata(definition.responseTrailers));
  }

  get isComplete(): boolean {
    return this.#sent >= this.#definition.responseData.length;
  }

  /** The next one. The first tells all, those behind it the requests that have come since. */
  async next(): Promise<{ payload: Payload }> {
    const data = this.#definition.responseData[this.#sent] ?? new Uint8Array();
    const isFirst = this.#sent++ === 0;
    await delay(this.#definition.responseDelayMs, undefined, { signal: this.#context.signal });
    if (isFirst) return { payload: { data, requestInfo: this.#log.take() } };
    const requests = this.#log.takeRequests();
    return { payload: { data, ...(requests.length > 0 && { requestInfo: { requests } }) } };
  }

  /** All that are left, and the error if one was asked for. */
  async *remaining(): AsyncGenerator<{ payload: Payload }> {
    while (!this.isComplete) yield await this.next();
    const { error } = this.#definition;
    if (error === undefined) return;
    throw toStatusError(error, this.#sent === 0 ? [statusDetail(RequestInfoSchema, this.#log.take())] : []);
  }
}
