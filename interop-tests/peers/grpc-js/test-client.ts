/** Calls of grpc-js, with all that they brought. */
import * as grpc from "@grpc/grpc-js";
import { type Outcome, outcomeOf, readAll } from "../../grpc-js/grpc-js-client.js";
import type { ClientSettings } from "../program.js";
import { type TestRequest, type TestResponse, TestService } from "./test-definition.js";

export type Result = Outcome<TestResponse>;
export type Duplex = grpc.ClientDuplexStream<TestRequest, TestResponse>;

/** As proto-loader makes them. */
type Unary = (
  request: TestRequest,
  metadata: grpc.Metadata,
  options: grpc.CallOptions,
  callback: grpc.requestCallback<TestResponse>,
) => grpc.ClientUnaryCall;

interface Stubs extends grpc.Client {
  EmptyCall: Unary;
  UnaryCall: Unary;
  UnimplementedCall: Unary;
  StreamingInputCall(
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
    callback: grpc.requestCallback<TestResponse>,
  ): grpc.ClientWritableStream<TestRequest>;
  StreamingOutputCall(
    request: TestRequest,
    metadata: grpc.Metadata,
    options: grpc.CallOptions,
  ): grpc.ClientReadableStream<TestResponse>;
  FullDuplexCall(metadata: grpc.Metadata, options: grpc.CallOptions): Duplex;
}

export interface CallSettings {
  readonly metadata?: grpc.Metadata;
  readonly timeoutMs?: number;
  /** A message that is not compressed though its channel is. */
  readonly plain?: boolean;
}

export class TestClient {
  readonly stubs: Stubs;

  constructor(settings: ClientSettings, options: grpc.ChannelOptions = {}, service = TestService) {
    this.stubs = new service(settings.address, credentialsOf(settings), {
      "grpc.use_local_subchannel_pool": 1,
      "grpc.max_receive_message_length": 64 << 20,
      ...(settings.serverName === ""
        ? {}
        : { "grpc.ssl_target_name_override": settings.serverName, "grpc.default_authority": settings.serverName }),
      ...options,
    }) as unknown as Stubs;
  }

  unary(
    method: "EmptyCall" | "UnaryCall" | "UnimplementedCall",
    request: TestRequest,
    call: CallSettings = {},
  ): Promise<Result> {
    return outcomeOf((callback) => this.stubs[method](request, ...argumentsOf(call), callback));
  }

  /** UnaryCall as a stream of one request, for that shape has flags of messages. */
  flaggedUnary(request: TestRequest, isPlain: boolean): Promise<Result> {
    const { path, requestSerialize, responseDeserialize } = TestService.service["UnaryCall"] as grpc.MethodDefinition<
      TestRequest,
      TestResponse
    >;
    return outcomeOf((callback) => {
      const stream = this.stubs.makeClientStreamRequest(path, requestSerialize, responseDeserialize, callback);
      write(stream, request, isPlain);
      stream.end();
      return stream;
    });
  }

  clientStream(requests: readonly (readonly [request: TestRequest, isPlain: boolean])[]): Promise<Result> {
    return outcomeOf((callback) => {
      const stream = this.stubs.StreamingInputCall(...argumentsOf({}), callback);
      for (const [request, isPlain] of requests) write(stream, request, isPlain);
      stream.end();
      return stream;
    });
  }

  serverStream(request: TestRequest): Promise<Result> {
    return readAll(this.stubs.StreamingOutputCall(request, ...argumentsOf({})));
  }

  duplex(call: CallSettings = {}): Duplex {
    return this.stubs.FullDuplexCall(...argumentsOf(call));
  }

  close(): void {
    this.stubs.close();
  }
}

/** WriteFlags.NoCompress, as a text: grpc-js takes the flags of a message in place of its character encoding. */
const noCompress = "2" as BufferEncoding;

function write(stream: grpc.ClientWritableStream<TestRequest>, request: TestRequest, isPlain: boolean): void {
  if (isPlain) stream.write(request, noCompress, () => {});
  else stream.write(request);
}

function argumentsOf({ metadata, timeoutMs = 30_000 }: CallSettings): [grpc.Metadata, grpc.CallOptions] {
  return [metadata ?? new grpc.Metadata(), { deadline: Date.now() + timeoutMs }];
}

function credentialsOf({ tls }: ClientSettings): grpc.ChannelCredentials {
  if (tls === undefined) return grpc.credentials.createInsecure();
  return grpc.credentials.createSsl(tls.authority ?? null, tls.key ?? null, tls.certificate ?? null);
}
