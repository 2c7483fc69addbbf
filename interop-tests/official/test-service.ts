/** TestService as gRPC's interoperability tests want it of a server. */
import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import {
  type CallLoadRecorder,
  StatusCode as Code,
  type HandlerContext,
  type LoadRecorder,
  type StatusCode,
  StatusError,
  uncompressed,
} from "godwit";
import {
  type BoolValue,
  type EchoStatus,
  type Payload,
  PayloadType,
  type ResponseParameters,
  SimpleResponseSchema,
  type StreamingOutputCallRequest,
  type StreamingOutputCallResponse,
  StreamingOutputCallResponseSchema,
  type TestOrcaReport,
} from "../gen/grpc/testing/messages_pb.js";
import type { TestServiceHandlers } from "../gen/grpc/testing/test_godwit.js";
import { echoInitial, echoTrailing } from "./echoed-metadata.js";
import { LoadOrders } from "./load-orders.js";

export interface TestServiceOptions {
  readonly serverId: string;
  /** Told by orca_oob what to report. */
  readonly load: LoadRecorder;
  wasCompressed(bytes: Uint8Array): boolean;
}

/** All but UnimplementedCall. */
export type ImplementedHandlers = Omit<TestServiceHandlers, "unimplementedCall">;

export function createTestService({ serverId, load, wasCompressed }: TestServiceOptions): ImplementedHandlers {
  const orders = new LoadOrders(load);
  return {
    emptyCall: () => ({}),

    unaryCall(request, context) {
      echoMetadata(context);
      checkCompressed(request.expectCompressed, request.payload, wasCompressed);
      failAsAsked(request.responseStatus);
      if (request.orcaPerQueryReport !== undefined) report(context.loadReport, request.orcaPerQueryReport);
      const payload = createPayload(request.responseType, request.responseSize);
      const response = { payload, serverId: request.fillServerId ? serverId : "" };
      return compressIf(request.responseCompressed, SimpleResponseSchema, response);
    },

    cacheableUnaryCall: () => ({ payload: { body: Buffer.from(String(process.hrtime.bigint())) } }),

    streamingOutputCall: (request, context) => respond(request, context),

    async streamingInputCall(requests) {
      let aggregatedPayloadSize = 0;
      for await (const { payload, expectCompressed } of requests) {
        checkCompressed(expectCompressed, payload, wasCompressed);
        aggregatedPayloadSize += payload?.body.length ?? 0;
      }
      return { aggregatedPayloadSize };
    },

    async *fullDuplexCall(requests, context) {
      echoMetadata(context);
      using turn = orders.turn();
      for await (const request of requests) {
        failAsAsked(request.responseStatus);
        if (request.orcaOobReport !== undefined) await turn.report(request.orcaOobReport);
        yield* respond(request, context);
      }
    },

    async *halfDuplexCall(requests, context) {
      const all: StreamingOutputCallRequest[] = [];
      for await (const request of requests) all.push(request);
      for (const request of all) yield* respond(request, context);
    },
  };
}

async function* respond(
  { responseParameters, responseType }: StreamingOutputCallRequest,
  context: HandlerContext,
): AsyncGenerator<StreamingOutputCallResponse> {
  for (const parameters of responseParameters) {
    await pause(parameters, context.signal);
    const response = {
      payload: createPayload(responseType, parameters.size),
      peerSocketAddress: parameters.fillPeerSocketAddress?.value === true ? context.peer.address : "",
    };
    yield compressIf(parameters.compressed, StreamingOutputCallResponseSchema, response);
  }
}

/** Resolves when the client has left, too. */
function pause({ intervalUs }: ResponseParameters, signal: AbortSignal): Promise<void> | undefined {
  if (intervalUs <= 0) return undefined;
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, intervalUs / 1000);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}

function compressIf<Desc extends DescMessage>(
  wanted: BoolValue | undefined,
  schema: Desc,
  init: MessageInitShape<Desc>,
): MessageShape<Desc> {
  const message = create(schema, init);
  return wanted?.value === true ? message : uncompressed(message);
}

function createPayload(type: PayloadType, size: number): { readonly type: PayloadType; readonly body: Uint8Array } {
  if (type !== PayloadType.COMPRESSABLE) {
    throw new StatusError(Code.INVALID_ARGUMENT, `response_type is ${type}: there is COMPRESSABLE (0) alone`);
  }
  if (size < 0) throw new StatusError(Code.INVALID_ARGUMENT, `size of a response is ${size}: expected 0 or more`);
  return { type, body: new Uint8Array(size) };
}

function checkCompressed(
  expected: BoolValue | undefined,
  payload: Payload | undefined,
  wasCompressed: (bytes: Uint8Array) => boolean,
): void {
  if (expected?.value !== true || wasCompressed(payload?.body ?? new Uint8Array())) return;
  throw new StatusError(Code.INVALID_ARGUMENT, "expect_compressed is set, but the message came as it is");
}

function failAsAsked(status: EchoStatus | undefined): void {
  if (status === undefined || status.code === Code.OK) return;
  throw new StatusError(status.code as StatusCode, status.message);
}

function echoMetadata(context: HandlerContext): void {
  const initial = context.metadata.getAll(echoInitial);
  if (initial.length > 0) context.setHeaders({ [echoInitial]: initial });
  for (const value of context.metadata.getAll(echoTrailing)) context.trailers.append(echoTrailing, value);
}

function report(recorder: CallLoadRecorder, wanted: TestOrcaReport): void {
  recorder.setCpuUtilization(wanted.cpuUtilization).setMemoryUtilization(wanted.memoryUtilization);
  for (const [name, value] of Object.entries(wanted.requestCost)) recorder.setRequestCost(name, value);
  for (const [name, value] of Object.entries(wanted.utilization)) recorder.setUtilization(name, value);
}
