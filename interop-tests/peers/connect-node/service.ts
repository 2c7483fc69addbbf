/** TestService on a server of connect-node. */
import { createSecureServer, createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import {
  type Code,
  ConnectError,
  type ConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import type { EchoStatus, StreamingOutputCallRequest } from "../../gen/grpc/testing/messages_pb.js";
import { TestService } from "../../gen/grpc/testing/test_pb.js";
import type { ServerSettings } from "../program.js";

const initial = "x-grpc-test-echo-initial";
const trailing = "x-grpc-test-echo-trailing-bin";
const serverId = `connect-node-${process.pid}`;
const peerKey = createContextKey("");

/** Resolves with the port. */
export function serve({ tls, port, maxConcurrentStreams }: ServerSettings): Promise<number> {
  const handler = connectNodeAdapter({
    routes,
    connect: false,
    grpcWeb: false,
    readMaxBytes: 64 << 20,
    contextValues: ({ socket }) => createContextValues().set(peerKey, `${socket.remoteAddress}:${socket.remotePort}`),
  });
  const settings = maxConcurrentStreams === undefined ? {} : { settings: { maxConcurrentStreams } };
  const server: Http2Server =
    tls?.certificate === undefined || tls.key === undefined
      ? createServer(settings, handler)
      : (createSecureServer(
          {
            ...settings,
            cert: tls.certificate,
            key: tls.key,
            ...(tls.authority === undefined ? {} : { ca: tls.authority, requestCert: true, rejectUnauthorized: true }),
          },
          handler,
        ) as unknown as Http2Server);
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function routes(router: ConnectRouter): void {
  router.service(TestService, {
    emptyCall: () => ({}),

    unaryCall(request, context) {
      echoMetadata(context);
      failAsAsked(request.responseStatus);
      const payload = { body: new Uint8Array(request.responseSize) };
      return { payload, serverId: request.fillServerId ? serverId : "" };
    },

    streamingOutputCall: (request, context) => respond(request, context),

    async streamingInputCall(requests) {
      let aggregatedPayloadSize = 0;
      for await (const { payload } of requests) aggregatedPayloadSize += payload?.body.length ?? 0;
      return { aggregatedPayloadSize };
    },

    async *fullDuplexCall(requests, context) {
      echoMetadata(context);
      for await (const request of requests) {
        failAsAsked(request.responseStatus);
        yield* respond(request, context);
      }
    },
  });
}

async function* respond({ responseParameters }: StreamingOutputCallRequest, { values }: HandlerContext) {
  for (const { size, intervalUs, fillPeerSocketAddress } of responseParameters) {
    if (intervalUs > 0) await new Promise((resolve) => setTimeout(resolve, intervalUs / 1000));
    const peerSocketAddress = fillPeerSocketAddress?.value === true ? values.get(peerKey) : "";
    yield { payload: { body: new Uint8Array(size) }, peerSocketAddress };
  }
}

function echoMetadata({ requestHeader, responseHeader, responseTrailer }: HandlerContext): void {
  const value = requestHeader.get(initial);
  if (value !== null) responseHeader.set(initial, value);
  const bytes = requestHeader.get(trailing);
  if (bytes !== null) responseTrailer.set(trailing, bytes);
}

function failAsAsked(status: EchoStatus | undefined): void {
  if (status !== undefined && status.code !== 0) throw new ConnectError(status.message, status.code as Code);
}
