/** A server of node:http2 alone: for answers that a proper gRPC server would not give. */
import { once } from "node:events";
import { createServer, type Http2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";

export type RawHandler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

export interface RawServer extends AsyncDisposable {
  readonly port: number;
}

export async function startRawServer(handler: RawHandler): Promise<RawServer> {
  const server = createServer();
  const sessions = new Set<Http2Session>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    stream.resume();
    handler(stream, headers);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}

/** Answers with headers, framed messages and trailers. */
export function answer(
  stream: ServerHttp2Stream,
  headers: Record<string, string>,
  messages: readonly Uint8Array[],
  trailers: Record<string, string>,
): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc", ...headers }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(trailers));
  for (const message of messages) stream.write(message);
  stream.end();
}
