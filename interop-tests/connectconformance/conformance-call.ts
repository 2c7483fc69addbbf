/** One call as the suite's runner describes it, and how it went. */
import { setTimeout as delay } from "node:timers/promises";
import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import { CallInfo, type CallOptions, type PushableSource, pushable, type ServerStream, StatusError } from "godwit";
import {
  type ClientCompatRequest,
  type ClientResponseResult,
  ClientResponseResultSchema,
} from "../gen/connectrpc/conformance/v1/client_compat_pb.js";
import { Compression, StreamType } from "../gen/connectrpc/conformance/v1/config_pb.js";
import type { ConformanceServiceClient } from "../gen/connectrpc/conformance/v1/service_godwit.js";
import {
  BidiStreamRequestSchema,
  ClientStreamRequestSchema,
  type ConformancePayload,
  type ConformancePayloadSchema,
  IdempotentUnaryRequestSchema,
  ServerStreamRequestSchema,
  UnaryRequestSchema,
  UnimplementedRequestSchema,
} from "../gen/connectrpc/conformance/v1/service_pb.js";
import { fromStatusError } from "./errors.js";
import { fromMetadata, toMetadata } from "./headers.js";

const encodings: ReadonlyMap<Compression, string> = new Map([
  [Compression.GZIP, "gzip"],
  [Compression.DEFLATE, "deflate"],
]);

/** A response, of whichever method; Unimplemented's has no payload. */
interface Response {
  readonly $typeName: string;
  readonly payload?: ConformancePayload | undefined;
}

/** Makes the call that is described. Throws when that cannot be done; a call that fails is a result. */
export async function makeCall(
  request: ClientCompatRequest,
  client: ConformanceServiceClient,
): Promise<ClientResponseResult> {
  const call = new ConformanceCall(request, client);
  return await call.run();
}

class ConformanceCall {
  readonly #request: ClientCompatRequest;
  readonly #client: ConformanceServiceClient;
  readonly #info = new CallInfo();
  readonly #abort = new AbortController();
  readonly #options: CallOptions;
  readonly #payloads: MessageInitShape<typeof ConformancePayloadSchema>[] = [];
  #unsent = 0;

  constructor(request: ClientCompatRequest, client: ConformanceServiceClient) {
    this.#request = request;
    this.#client = client;
    this.#options = {
      info: this.#info,
      signal: this.#abort.signal,
      metadata: toMetadata(request.requestHeaders),
      timeoutMs: request.timeoutMs,
      compression: encodings.get(request.compression),
      ...(request.messageReceiveLimit > 0 && { maxResponseBytes: request.messageReceiveLimit }),
    };
  }

  async run(): Promise<ClientResponseResult> {
    let failure: unknown;
    try {
      await this.#invoke();
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      failure = error;
    }
    return create(ClientResponseResultSchema, {
      responseHeaders: fromMetadata(this.#info.headers),
      responseTrailers: fromMetadata(this.#info.trailers),
      payloads: this.#payloads,
      numUnsentRequests: this.#unsent,
      ...(failure !== undefined && { error: fromStatusError(failure) }),
    });
  }

  async #invoke(): Promise<void> {
    const { method } = this.#request;
    const client = this.#client;
    switch (method) {
      case "Unary":
        return this.#single(client.unary(this.#only(UnaryRequestSchema), this.#options));
      case "IdempotentUnary":
        return this.#single(client.idempotentUnary(this.#only(IdempotentUnaryRequestSchema), this.#options));
      case "Unimplemented":
        return this.#single(client.unimplemented(this.#only(UnimplementedRequestSchema), this.#options));
      case "ServerStream":
        return this.#many(client.serverStream(this.#only(ServerStreamRequestSchema), this.#options));
      case "ClientStream":
        return this.#clientStream(client);
      case "BidiStream":
        return this.#bidiStream(client);
      default:
        throw new Error(`there is no method ${method} in ConformanceService`);
    }
  }

  /** Half-closed from the start. */
  #single(response: Promise<Response>): Promise<void> {
    this.#cancelAfterFinish();
    return this.#collect(response);
  }

  async #many(responses: ServerStream<Response>): Promise<void> {
    this.#cancelAfterFinish();
    for await (const response of responses) this.#onResponse(response);
  }

  async #clientStream(client: ConformanceServiceClient): Promise<void> {
    const messages = this.#request.requestMessages.map((any) => unpack(any, ClientStreamRequestSchema));
    const source = pushable<(typeof messages)[number]>();
    const collected = this.#collect(client.clientStream(source, this.#options));
    // It may fail while messages are still being sent; whoever waits for it below hears of that.
    collected.catch(() => {});
    if (await this.#sendAll(source, messages)) this.#finish(source);
    await collected;
  }

  async #bidiStream(client: ConformanceServiceClient): Promise<void> {
    const messages = this.#request.requestMessages.map((any) => unpack(any, BidiStreamRequestSchema));
    const source = pushable<(typeof messages)[number]>();
    const responses = client.bidiStream(source, this.#options)[Symbol.asyncIterator]();
    const isFullDuplex = this.#request.streamType === StreamType.FULL_DUPLEX_BIDI_STREAM;
    const readOne = async (): Promise<boolean> => {
      const { done, value } = await responses.next();
      if (done !== true) this.#onResponse(value);
      return done !== true;
    };
    if (await this.#sendAll(source, messages, isFullDuplex ? readOne : undefined)) this.#finish(source);
    while (await readOne());
  }

  /** Whether all were sent, each followed by `turn` where there is one. False: the call has ended, and how is for its reader. */
  async #sendAll<T>(
    source: PushableSource<T>,
    messages: readonly T[],
    turn?: () => Promise<unknown>,
  ): Promise<boolean> {
    for (const [index, message] of messages.entries()) {
      this.#unsent = messages.length - index;
      await delay(this.#request.requestDelayMs);
      try {
        await source.write(message);
      } catch {
        return false;
      }
      this.#unsent--;
      await turn?.();
    }
    return true;
  }

  /** Half-closes, or cancels instead. */
  #finish(source: PushableSource<unknown>): void {
    if (this.#request.cancel?.cancelTiming.case === "beforeCloseSend") {
      this.#abort.abort();
      return;
    }
    source.finish();
    this.#cancelAfterFinish();
  }

  #cancelAfterFinish(): void {
    const { cancel } = this.#request;
    if (cancel === undefined) return;
    const { cancelTiming: timing } = cancel;
    if (timing.case === undefined) this.#abort.abort();
    if (timing.case === "afterCloseSendMs") setTimeout(() => this.#abort.abort(), timing.value);
  }

  #onResponse({ payload }: Response): void {
    this.#payloads.push(payload ?? {});
    const timing = this.#request.cancel?.cancelTiming;
    if (timing?.case === "afterNumResponses" && timing.value === this.#payloads.length) this.#abort.abort();
  }

  async #collect(response: Promise<Response>): Promise<void> {
    this.#onResponse(await response);
  }

  #only<Desc extends DescMessage>(schema: Desc): MessageShape<Desc> {
    const [message, ...others] = this.#request.requestMessages;
    if (message === undefined || others.length > 0) throw new Error("expected exactly one request message");
    return unpack(message, schema);
  }
}

function unpack<Desc extends DescMessage>(any: Any, schema: Desc): MessageShape<Desc> {
  const message = anyUnpack(any, schema);
  if (message === undefined) throw new Error(`a request message is a ${any.typeUrl}, expected a ${schema.typeName}`);
  return message;
}
