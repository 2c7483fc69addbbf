import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from "node:http2";

export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders | undefined;
  readonly body: Buffer;
}

/** Calls by node:http2 alone: for what a proper client would not do, or would not tell. */
export class RawClient implements AsyncDisposable {
  readonly session: ClientHttp2Session;

  constructor(port: number) {
    this.session = connect(`http://127.0.0.1:${port}`);
    // A test that expects an error looks for what follows from it.
    this.session.on("error", () => undefined);
  }

  /** A stream with the request's headers sent. */
  open(path: string, headers: Record<string, string> = {}): ClientHttp2Stream {
    const fields = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers", ...headers };
    return this.session.request(fields).on("error", () => undefined);
  }

  /** Sends `body` and reads the answer to its end. */
  async call(path: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<RawAnswer> {
    const stream = this.open(path, headers);
    stream.end(body);
    let trailers: IncomingHttpHeaders | undefined;
    stream.on("trailers", (received: IncomingHttpHeaders) => {
      trailers = received;
    });
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    const ended = once(stream, "end");
    const [received] = (await once(stream, "response")) as [IncomingHttpHeaders];
    await ended;
    return { headers: received, trailers, body: Buffer.concat(chunks) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.session.destroyed) return;
    const closed = once(this.session, "close");
    this.session.destroy();
    await closed;
  }
}
