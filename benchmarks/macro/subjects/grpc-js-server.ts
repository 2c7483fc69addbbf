import * as grpc from "@grpc/grpc-js";
import { certificatesOfRun } from "../certificates-of-run.js";
import {
  type ClientStreamRequest,
  type ClientStreamResponse,
  echoService,
  type IndexedMessage,
  type ServerStreamRequest,
  type UnaryMessage,
} from "./grpc-js-echo.js";
import type { SubjectServer } from "./subject.js";

interface Handlers extends grpc.UntypedServiceImplementation {
  unary: grpc.handleUnaryCall<UnaryMessage, UnaryMessage>;
  serverStream: grpc.handleServerStreamingCall<ServerStreamRequest, IndexedMessage>;
  clientStream: grpc.handleClientStreamingCall<ClientStreamRequest, ClientStreamResponse>;
  bidi: grpc.handleBidiStreamingCall<IndexedMessage, IndexedMessage>;
}

const handlers: Handlers = {
  unary({ request }, callback) {
    callback(null, { id: request.id, payload: request.payload });
  },

  serverStream(call) {
    const { count, size } = call.request;
    const payload = new Uint8Array(size);
    let index = 0;
    const write = (): void => {
      while (index < count) if (!call.write({ index: index++, payload })) return void call.once("drain", write);
      call.end();
    };
    write();
  },

  clientStream(call, callback) {
    let messages = 0;
    let bytes = 0;
    call.on("data", ({ payload }: ClientStreamRequest) => {
      messages++;
      bytes += payload.length;
    });
    call.on("end", () => callback(null, { messages, bytes }));
  },

  bidi(call) {
    call.on("data", ({ index, payload }: IndexedMessage) => {
      if (call.write({ index, payload })) return;
      call.pause();
      call.once("drain", () => call.resume());
    });
    call.on("end", () => call.end());
  },
};

function credentialsOfRun(): grpc.ServerCredentials {
  const certificates = certificatesOfRun();
  if (certificates === undefined) return grpc.ServerCredentials.createInsecure();
  const { certificate, key } = certificates;
  return grpc.ServerCredentials.createSsl(null, [
    { cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) },
  ]);
}

export function createGrpcJsServer(): SubjectServer {
  const server = new grpc.Server();
  server.addService(echoService, handlers);
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", credentialsOfRun(), (error, port) => {
          if (error === null) resolve(port);
          else reject(error);
        });
      }),
    async close() {
      server.forceShutdown();
    },
  };
}
