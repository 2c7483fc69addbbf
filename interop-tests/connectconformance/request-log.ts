import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "godwit";
import {
  type ConformancePayload_RequestInfo as RequestInfo,
  ConformancePayload_RequestInfoSchema as RequestInfoSchema,
} from "../gen/connectrpc/conformance/v1/service_pb.js";
import { fromMetadata } from "./headers.js";

/** What a server has seen of a call, for its answers to report. Make it when the handler starts. */
export class RequestLog {
  readonly #context: HandlerContext;
  readonly #timeoutMs: number;
  #requests: Any[] = [];

  constructor(context: HandlerContext) {
    this.#context = context;
    this.#timeoutMs = context.timeoutMs();
  }

  add<Desc extends DescMessage>(schema: Desc, request: MessageShape<Desc>): this {
    this.#requests.push(anyPack(schema, request));
    return this;
  }

  /** The requests that were added since the last time. */
  takeRequests(): Any[] {
    const requests = this.#requests;
    this.#requests = [];
    return requests;
  }

  /** The same, and all else. */
  take(): RequestInfo {
    return create(RequestInfoSchema, {
      requestHeaders: fromMetadata(this.#context.metadata),
      requests: this.takeRequests(),
      ...(Number.isFinite(this.#timeoutMs) && { timeoutMs: BigInt(Math.floor(this.#timeoutMs)) }),
    });
  }
}
