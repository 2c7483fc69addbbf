/** A gRPC call by node:http2 alone: for what a proper client would not do, or would not tell. */
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders } from "node:http2";

export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  /** Whether the first block of headers ended the stream: Trailers-Only. */
  readonly headersEndStream: boolean;
  readonly trailers: IncomingHttpHeaders | undefined;
  readonly body: Buffer;
}

export class RawClient implements AsyncDisposable {
  readonly session: ClientHttp2Session;

  constructor(port: number) {
    this.session = connect(`http://127.0.0.1:${port}`);
    // A test that expects an error looks at the stream's.
    this.session.on("error", () => {});
  }

  /** A stream with the request's headers sent. Its errors are ignored. */
  open(path: string, headers: Record<string, string> = {}): ClientHttp2Stream {
    const stream = this.session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
      ...headers,
    });
    stream.on("error", () => {});
    return stream;
  }

  /** POSTs `body` and reads the answer to its end. */
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
    const [received, flags] = (await once(stream, "response")) as [IncomingHttpHeaders, number];
    await ended;
    stream.close();
    return {
      headers: received,
      headersEndStream: (flags & endStreamFlag) !== 0,
      trailers,
      body: Buffer.concat(chunks),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.session.destroyed) return;
    const closed = once(this.session, "close");
    this.session.destroy();
    await closed;
  }
}

/** RFC 9113 §6.2. */
const endStreamFlag = 0x1;

/** A message with its length in front (PROTOCOL-HTTP2, Length-Prefixed-Message). */
export function framed(message: Uint8Array, compressed = false): Buffer {
  const prefix = Buffer.alloc(5);
  prefix[0] = compressed ? 1 : 0;
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}
