/** Calls of EchoService by grpc-js, with what a call brought in one object. */
import * as grpc from "@grpc/grpc-js";
import {
  type ClientStreamRequest,
  type ClientStreamResponse,
  type EchoClient,
  EchoService,
  type IndexedMessage,
  type ServerStreamRequest,
  type UnaryRequest,
  type UnaryResponse,
} from "./echo-definition.js";

/** How a call ended. A failure is data, too. */
export interface Outcome<Response> {
  readonly status: grpc.StatusObject;
  /** Undefined when the server sent none. */
  readonly headers: grpc.Metadata | undefined;
  readonly responses: readonly Response[];
}

export interface GrpcJsCallOptions extends grpc.CallOptions {
  readonly metadata?: grpc.Metadata;
}

export class GrpcJsClient implements Disposable {
  readonly raw: EchoClient;

  /** To a port of this host, or to a target of grpc-js's. */
  constructor(
    target: number | string,
    options: grpc.ChannelOptions = {},
    credentials: grpc.ChannelCredentials = grpc.credentials.createInsecure(),
  ) {
    const address = typeof target === "number" ? `127.0.0.1:${target}` : target;
    // A pool of its own: a client of an earlier test must not lend its connection.
    const own = { "grpc.use_local_subchannel_pool": 1, ...options };
    this.raw = new EchoService(address, credentials, own) as unknown as EchoClient;
  }

  unary(request: Partial<UnaryRequest>, options: GrpcJsCallOptions = {}): Promise<Outcome<UnaryResponse>> {
    const { metadata = new grpc.Metadata(), ...rest } = options;
    return outcomeOf((callback) => this.raw.unary(request, metadata, rest, callback));
  }

  clientStream(
    requests: readonly Partial<ClientStreamRequest>[],
    options: GrpcJsCallOptions = {},
  ): Promise<Outcome<ClientStreamResponse>> {
    const { metadata = new grpc.Metadata(), ...rest } = options;
    return outcomeOf((callback) => {
      const call = this.raw.clientStream(metadata, rest, callback);
      for (const request of requests) call.write(request);
      call.end();
      return call;
    });
  }

  serverStream(
    request: Partial<ServerStreamRequest>,
    options: GrpcJsCallOptions = {},
  ): grpc.ClientReadableStream<IndexedMessage> {
    const { metadata = new grpc.Metadata(), ...rest } = options;
    return this.raw.serverStream(request, metadata, rest);
  }

  bidi(options: GrpcJsCallOptions = {}): grpc.ClientDuplexStream<Partial<IndexedMessage>, IndexedMessage> {
    const { metadata = new grpc.Metadata(), ...rest } = options;
    return this.raw.bidi(metadata, rest);
  }

  [Symbol.dispose](): void {
    this.raw.close();
  }
}

type Emitting = Pick<grpc.ClientUnaryCall, "on">;

/** The outcome of a call with one response. */
export function outcomeOf<Response>(
  start: (callback: grpc.requestCallback<Response>) => Emitting,
): Promise<Outcome<Response>> {
  return new Promise((resolve) => {
    const responses: Response[] = [];
    let headers: grpc.Metadata | undefined;
    const call = start((_error, response) => {
      if (response !== undefined) responses.push(response);
    });
    call.on("metadata", (received: grpc.Metadata) => {
      headers = received;
    });
    call.on("status", (status: grpc.StatusObject) => resolve({ status, headers, responses }));
  });
}

/** The outcome of a call with a stream of responses, all of which are read. */
export function readAll<Response>(
  call: Pick<grpc.ClientReadableStream<Response>, "on" | "once">,
): Promise<Outcome<Response>> {
  return new Promise((resolve) => {
    const responses: Response[] = [];
    let headers: grpc.Metadata | undefined;
    let status: grpc.StatusObject | undefined;
    let ended = false;
    const settle = (): void => {
      if (status !== undefined && ended) resolve({ status, headers, responses });
    };
    const onEnd = (): void => {
      ended = true;
      settle();
    };
    call.on("metadata", (received: grpc.Metadata) => {
      headers = received;
    });
    call.on("data", (response: Response) => responses.push(response));
    call.once("error", onEnd);
    call.once("end", onEnd);
    call.once("status", (received: grpc.StatusObject) => {
      status = received;
      settle();
    });
  });
}
