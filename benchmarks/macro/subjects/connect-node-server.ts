import * as http2 from "node:http2";
import type { AddressInfo } from "node:net";
import type { ServiceImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { EchoService } from "../../gen/godwit/testing/v1/echo_pb.js";
import { certificatesOfRun } from "../certificates-of-run.js";
import type { SubjectServer } from "./subject.js";

const handlers: ServiceImpl<typeof EchoService> = {
  unary: ({ id, payload }) => ({ id, payload }),

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
    return { messages, bytes: BigInt(bytes) };
  },

  async *bidi(requests) {
    for await (const { index, payload } of requests) yield { index, payload };
  },
};

/** Without its default compression, which the others do not have. */
export function createConnectNodeServer(): SubjectServer {
  const handler = connectNodeAdapter({
    routes: (router) => void router.service(EchoService, handlers),
    acceptCompression: [],
  });
  const certificates = certificatesOfRun();
  const server =
    certificates === undefined
      ? http2.createServer(handler)
      : http2.createSecureServer({ key: certificates.key, cert: certificates.certificate }, handler);
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once("error", reject).listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
      }),
    async close() {
      server.close();
    },
  };
}
