import { ServerCredentials } from "@grpc/grpc-js";
import { createServer, type ServiceImplementation } from "nice-grpc";
import { certificatesOfRun } from "../certificates-of-run.js";
import { echoDefinition } from "./nice-grpc-echo.js";
import type { SubjectServer } from "./subject.js";

const handlers: ServiceImplementation<typeof echoDefinition> = {
  unary: async ({ id, payload }) => ({ id, payload }),

  async *serverStream({ count, size }) {
    const payload = new Uint8Array(size);
    for (let index = 0; index < count; index++) yield { index, payload };
  },

  async clientStream(requests) {
    let messages = 0;
    let bytes = 0;
    for await (const { payload } of requests) {
      messages++;
      bytes += payload.length;
    }
    return { messages, bytes };
  },

  async *bidi(requests) {
    for await (const { index, payload } of requests) yield { index, payload };
  },
};

function credentialsOfRun(): ServerCredentials {
  const certificates = certificatesOfRun();
  if (certificates === undefined) return ServerCredentials.createInsecure();
  const { certificate, key } = certificates;
  return ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(certificate), private_key: Buffer.from(key) }]);
}

export function createNiceGrpcServer(): SubjectServer {
  const server = createServer();
  server.add(echoDefinition, handlers);
  return {
    listen: () => server.listen("127.0.0.1:0", credentialsOfRun()),
    async close() {
      server.forceShutdown();
    },
  };
}
