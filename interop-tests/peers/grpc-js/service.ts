/** TestService on a server of grpc-js. */
import * as grpc from "@grpc/grpc-js";
import type { ServerSettings } from "../program.js";
import {
  type OrcaOrder,
  type Parameters,
  type TestRequest,
  type TestResponse,
  TestService,
} from "./test-definition.js";

const initial = "x-grpc-test-echo-initial";
const trailing = "x-grpc-test-echo-trailing-bin";
const serverId = `grpc-js-${process.pid}`;

/** What grpc-js gives its handlers, and does not say. */
interface Measured {
  getMetricsRecorder(): {
    recordCPUUtilizationMetric(value: number): void;
    recordMemoryUtilizationMetric(value: number): void;
    recordUtilizationMetric(name: string, value: number): void;
    recordRequestCostMetric(name: string, value: number): void;
  };
}

type Duplex = grpc.ServerDuplexStream<TestRequest, TestResponse>;

/** Resolves with the port. */
export function serve({ tls, port, maxConcurrentStreams }: ServerSettings): Promise<number> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": 64 << 20,
    "grpc.server_call_metric_recording": 1,
    ...(maxConcurrentStreams === undefined ? {} : { "grpc.max_concurrent_streams": maxConcurrentStreams }),
  });
  server.addService(TestService.service, handlers);
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentialsOf(tls), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
}

function credentialsOf(tls: ServerSettings["tls"]): grpc.ServerCredentials {
  if (tls?.certificate === undefined || tls.key === undefined) return grpc.ServerCredentials.createInsecure();
  const pair = { cert_chain: tls.certificate, private_key: tls.key };
  return grpc.ServerCredentials.createSsl(tls.authority ?? null, [pair], tls.authority !== undefined);
}

const handlers: grpc.UntypedServiceImplementation = {
  EmptyCall: (_call: unknown, callback: grpc.sendUnaryData<object>) => callback(null, {}),

  UnaryCall(call: grpc.ServerUnaryCall<TestRequest, TestResponse>, callback: grpc.sendUnaryData<TestResponse>) {
    const { request, metadata } = call;
    sendInitial(call);
    const status = request.response_status;
    if (status && status.code !== 0) return callback({ code: status.code, details: status.message });
    if (request.orca_per_query_report) record(call as unknown as Measured, request.orca_per_query_report);
    const payload = { body: Buffer.alloc(request.response_size ?? 0) };
    callback(null, { payload, server_id: request.fill_server_id ? serverId : "" }, echoed(metadata, trailing));
  },

  StreamingInputCall(
    call: grpc.ServerReadableStream<TestRequest, TestResponse>,
    callback: grpc.sendUnaryData<TestResponse>,
  ) {
    let size = 0;
    call.on("data", ({ payload }: TestRequest) => {
      size += payload?.body.length ?? 0;
    });
    call.on("end", () => callback(null, { aggregated_payload_size: size }));
  },

  async StreamingOutputCall(call: grpc.ServerWritableStream<TestRequest, TestResponse>) {
    await respond(call, call.request.response_parameters ?? []);
    call.end();
  },

  FullDuplexCall: talk,
};

/** Takes one request after the other; an iterator of the call would close it at its end, before the status. */
function talk(call: Duplex): void {
  sendInitial(call);
  call.on("data", async (request: TestRequest) => {
    const status = request.response_status;
    if (status && status.code !== 0) return void call.emit("error", { code: status.code, details: status.message });
    call.pause();
    await respond(call, request.response_parameters ?? []);
    call.resume();
  });
  call.on("end", () => call.end(echoed(call.metadata, trailing)));
}

type Writing = grpc.ServerWritableStream<TestRequest, TestResponse> | Duplex;

async function respond(call: Writing, all: readonly Parameters[]): Promise<void> {
  for (const { size = 0, interval_us = 0, fill_peer_socket_address } of all) {
    if (interval_us > 0) await new Promise((resolve) => setTimeout(resolve, interval_us / 1000));
    const peer_socket_address = fill_peer_socket_address?.value ? call.getPeer() : "";
    const isWritable = call.write({ payload: { body: Buffer.alloc(size) }, peer_socket_address });
    if (!isWritable) await new Promise((resolve) => call.once("drain", resolve));
  }
}

function sendInitial(call: { readonly metadata: grpc.Metadata; sendMetadata(metadata: grpc.Metadata): void }): void {
  if (call.metadata.get(initial).length > 0) call.sendMetadata(echoed(call.metadata, initial));
}

function echoed(metadata: grpc.Metadata, key: string): grpc.Metadata {
  const copy = new grpc.Metadata();
  for (const value of metadata.get(key)) copy.add(key, value);
  return copy;
}

function record(call: Measured, order: OrcaOrder): void {
  const recorder = call.getMetricsRecorder();
  recorder.recordCPUUtilizationMetric(order.cpu_utilization);
  recorder.recordMemoryUtilizationMetric(order.memory_utilization);
  for (const [name, value] of Object.entries(order.utilization)) recorder.recordUtilizationMetric(name, value);
  for (const [name, value] of Object.entries(order.request_cost ?? {})) recorder.recordRequestCostMetric(name, value);
}
