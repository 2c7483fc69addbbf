/** EchoService as grpc-js knows it: read from the .proto at run time, messages are plain objects. */
import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

export interface UnaryRequest {
  id: string;
  payload: Uint8Array;
  responseSize: number;
  failWithCode: number;
  failWithMessage: string;
  delayMs: number;
}

export interface UnaryResponse {
  id: string;
  payload: Uint8Array;
}

export interface ServerStreamRequest {
  count: number;
  size: number;
  failWithCode: number;
}

export interface ClientStreamRequest {
  payload: Uint8Array;
}

export interface ClientStreamResponse {
  messages: number;
  bytes: number;
}

/** ServerStreamResponse, BidiRequest and BidiResponse look the same. */
export interface IndexedMessage {
  index: number;
  payload: Uint8Array;
}

/** The functions that grpc-js makes; a request may leave fields out. */
export interface EchoClient extends grpc.Client {
  unary(
    request: Partial<UnaryRequest>,
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
    callback: grpc.requestCallback<UnaryResponse>,
  ): grpc.ClientUnaryCall;
  serverStream(
    request: Partial<ServerStreamRequest>,
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
  ): grpc.ClientReadableStream<IndexedMessage>;
  clientStream(
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
    callback: grpc.requestCallback<ClientStreamResponse>,
  ): grpc.ClientWritableStream<Partial<ClientStreamRequest>>;
  bidi(
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
  ): grpc.ClientDuplexStream<Partial<IndexedMessage>, IndexedMessage>;
}

export interface EchoHandlers {
  unary: grpc.handleUnaryCall<UnaryRequest, UnaryResponse>;
  serverStream: grpc.handleServerStreamingCall<ServerStreamRequest, IndexedMessage>;
  clientStream: grpc.handleClientStreamingCall<ClientStreamRequest, ClientStreamResponse>;
  bidi: grpc.handleBidiStreamingCall<IndexedMessage, IndexedMessage>;
}

const protoFolder = fileURLToPath(new URL("../proto", import.meta.resolve("godwit/package.json")));
const definition = loadSync("godwit/testing/v1/echo.proto", {
  includeDirs: [protoFolder],
  longs: Number,
  defaults: true,
});

interface Loaded {
  readonly godwit: { readonly testing: { readonly v1: { readonly EchoService: grpc.ServiceClientConstructor } } };
}

export const EchoService = (grpc.loadPackageDefinition(definition) as unknown as Loaded).godwit.testing.v1.EchoService;
