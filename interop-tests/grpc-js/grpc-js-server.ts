/** EchoService on a server of grpc-js, on a port of its own. */
import * as grpc from "@grpc/grpc-js";
import { type EchoHandlers, EchoService } from "./echo-definition.js";

export interface GrpcJsServer extends AsyncDisposable {
  readonly port: number;
  readonly server: grpc.Server;
  /** Stops listening and resolves when running calls have ended. */
  shutdown(): Promise<void>;
}

/** Starts a server that echoes, but for the handlers given. Disposing of it ends every call at once. Port 0: a free one. */
export async function startGrpcJsServer(
  handlers: Partial<EchoHandlers> = {},
  options: grpc.ServerOptions = {},
  wantedPort = 0,
  credentials = grpc.ServerCredentials.createInsecure(),
): Promise<GrpcJsServer> {
  const server = new grpc.Server(options);
  server.addService(EchoService.service, { ...echoHandlers, ...handlers });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${wantedPort}`, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    port,
    server,
    shutdown: () =>
      new Promise((resolve, reject) => {
        server.tryShutdown((error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
      }),
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

const echoHandlers: EchoHandlers = {
  unary({ request }, callback) {
    if (request.failWithCode !== 0) {
      callback({ code: request.failWithCode, details: request.failWithMessage });
      return;
    }
    const payload = request.responseSize > 0 ? Buffer.alloc(request.responseSize) : request.payload;
    callback(null, { id: request.id, payload });
  },

  serverStream(call) {
    const { count, size, failWithCode } = call.request;
    const payload = Buffer.alloc(size);
    let index = 0;
    const write = (): void => {
      while (index < count) if (!call.write({ index: index++, payload })) return void call.once("drain", write);
      if (failWithCode === 0) call.end();
      else call.emit("error", { code: failWithCode, details: `failed behind ${count} messages` });
    };
    write();
  },

  clientStream(call, callback) {
    let messages = 0;
    let bytes = 0;
    call.on("data", ({ payload }) => {
      messages++;
      bytes += payload.length;
    });
    call.on("end", () => callback(null, { messages, bytes }));
  },

  bidi(call) {
    call.on("data", (message) => {
      if (call.write(message)) return;
      call.pause();
      call.once("drain", () => call.resume());
    });
    call.on("end", () => call.end());
  },
};
