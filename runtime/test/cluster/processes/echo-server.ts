import process from "node:process";
import { certificateFiles, createServer, insecureServer, type Server, tlsServer } from "godwit";
import { EchoService } from "../../gen/godwit/testing/v1/echo_godwit.js";
import type { EchoClusterOptions } from "../../support/echo-cluster.js";

/** Answers with the id of its process. */
export async function openEchoServer({
  address = "127.0.0.1:0",
  certificate,
  key,
  maxConnectionAgeMs,
  maxConcurrentStreams,
}: EchoClusterOptions): Promise<{ server: Server; address: string }> {
  const server = createServer({
    connectionAge: { maxConnectionAgeMs },
    limits: maxConcurrentStreams === undefined ? {} : { maxConcurrentStreams },
  });
  server.addPartial(EchoService, {
    async unary() {
      await new Promise((resolve) => setImmediate(resolve));
      return { id: String(process.pid) };
    },
    async *bidi(requests) {
      for await (const { index } of requests) yield { index, payload: Buffer.from(String(process.pid)) };
    },
  });
  const credentials =
    certificate === undefined ? insecureServer() : tlsServer({ provider: certificateFiles({ certificate, key }) });
  const listening = await server.listen(address, { credentials });
  return { server, address: listening.address };
}
