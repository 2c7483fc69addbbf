import { createServer, insecureServer, type ServerCredentials, type ServerOptions, tlsServer } from "godwit";
import { EchoService, type EchoServiceHandlers } from "../../gen/godwit/testing/v1/echo_godwit.js";
import { certificatesOfRun } from "../certificates-of-run.js";
import type { SubjectServer } from "./subject.js";

export const echoHandlers = {
  unary: ({ id, payload }) => ({ id, payload }),

  *serverStream({ count, size }) {
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
    return { messages, bytes: BigInt(bytes) };
  },

  async *bidi(requests) {
    for await (const { index, payload } of requests) yield { index, payload };
  },
} satisfies EchoServiceHandlers;

function credentialsOfRun(): ServerCredentials {
  const certificates = certificatesOfRun();
  if (certificates === undefined) return insecureServer();
  const { certificate, key } = certificates;
  return tlsServer({ certificate, key });
}

export function createGodwitServer(options: ServerOptions = {}): SubjectServer {
  const server = createServer(options).add(EchoService, echoHandlers);
  return {
    listen: async () => (await server.listen("127.0.0.1:0", { credentials: credentialsOfRun() })).port,
    close: () => server.close({ graceMs: 0 }),
  };
}
