import assert from "node:assert/strict";
import { once } from "node:events";
import http2 from "node:http2";
import { Duplex } from "node:stream";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { ErrorCode } from "../../../src/http2/error-code.js";
import { defaultHttp2Limits } from "../../../src/http2/limits.js";
import { Http2Session } from "../../../src/http2/session.js";
import type { SessionEvent } from "../../../src/http2/session-event.js";
import { allFields } from "../lone-session.js";

/** One of our sessions with a stream of bytes in front of it, which node:http2 takes for a socket. */
class SessionSocket extends Duplex {
  readonly session: Http2Session;

  constructor(
    role: "client" | "server",
    readonly handle: (event: SessionEvent, socket: SessionSocket) => void,
  ) {
    super();
    this.session = new Http2Session(role, defaultHttp2Limits, 0);
  }

  override _read(): void {
    this.flush();
  }

  /** A turn later: node:http2 does not expect to be answered while it writes. */
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // Node may use the memory of what it wrote again; a socket's read chunks are our own.
    const copy = Buffer.from(chunk);
    setImmediate(() => {
      this.session.receive(copy, 0);
      for (let event = this.session.nextEvent(); event !== undefined; event = this.session.nextEvent()) {
        this.handle(event, this);
      }
      this.flush();
      done();
    });
  }

  override _final(done: () => void): void {
    this.session.receiveEnd(0);
    for (let event = this.session.nextEvent(); event !== undefined; event = this.session.nextEvent()) {
      this.handle(event, this);
    }
    this.flush();
    done();
  }

  flush(): void {
    const chunks = this.session.takeOutput(1 << 20);
    if (chunks.length > 0) this.push(Buffer.concat(chunks));
    this.session.outputReleased();
    if (this.session.closed && !this.readableEnded) this.push(null);
  }
}

const mebibyte = Buffer.alloc(1 << 20, "0123456789abcdef");
const response = new HeaderBlock([":status", "200", "content-type", "text/plain", "x-octets", "caf\u00e9"]);

/** Answers each request with what it was sent, and with trailers. */
function echo(): SessionSocket {
  const bodies = new Map<number, Buffer[]>();
  return new SessionSocket("server", (event, { session }) => {
    if (event.type === "headers") {
      bodies.set(event.streamId, []);
      session.sendHeaders(event.streamId, response, false);
    } else if (event.type === "data") {
      bodies.get(event.streamId)?.push(Buffer.from(event.bytes.subarray(event.start, event.end)));
      session.releaseWindow(event.streamId, event.end - event.start);
    }
    if ((event.type !== "headers" && event.type !== "data") || !event.endStream) return;
    const body = Buffer.concat(bodies.get(event.streamId) ?? []);
    session.beginData(event.streamId, 0).append(body);
    session.endData(false);
    session.sendHeaders(event.streamId, new HeaderBlock(["grpc-status", "0", "x-length", String(body.length)]), true);
  });
}

async function body(stream: http2.ClientHttp2Stream | http2.ServerHttp2Stream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe("Http2Session against node:http2", () => {
  it("serves its client: headers, 1 MiB each way, trailers, many streams at once", async () => {
    const socket = echo();
    const client = http2.connect("http://test", { createConnection: () => socket });
    const exchange = async (payload: Buffer) => {
      const stream = client.request({ ":method": "POST", ":path": "/s/m", "x-id": "7" });
      const heard = { headers: {} as http2.IncomingHttpHeaders, trailers: {} as http2.IncomingHttpHeaders };
      stream.on("response", (headers) => {
        heard.headers = headers;
      });
      stream.on("trailers", (trailers) => {
        heard.trailers = trailers;
      });
      stream.end(payload);
      assert.ok((await body(stream)).equals(payload));
      assert.equal(heard.headers[":status"], 200);
      assert.equal(heard.headers["x-octets"], "caf\u00e9");
      assert.equal(heard.trailers["grpc-status"], "0");
      assert.equal(heard.trailers["x-length"], String(payload.length));
    };
    await exchange(Buffer.alloc(0));
    await exchange(mebibyte);
    await Promise.all(Array.from({ length: 50 }, (_, i) => exchange(mebibyte.subarray(0, 1000 * i))));
    client.close();
    await once(client, "close");
  });

  it("answers its PING and takes its GOAWAY", async () => {
    const events: string[] = [];
    const socket = new SessionSocket("server", (event) => events.push(event.type));
    const client = http2.connect("http://test", { createConnection: () => socket });
    const payload = await new Promise<Buffer>((resolve, reject) => {
      client.ping(Buffer.from("abcdefgh"), (error, _duration, bytes) => (error ? reject(error) : resolve(bytes)));
    });
    assert.equal(payload.toString(), "abcdefgh");
    client.goaway(0);
    client.close();
    await once(client, "close");
    assert.deepEqual(events.slice(0, 1), ["settings"]);
    assert.ok(events.includes("goAway"));
  });

  it("is told of a refused request as node expects", async () => {
    const socket = new SessionSocket("server", (event, { session }) => {
      if (event.type === "headers") session.resetStream(event.streamId, ErrorCode.REFUSED_STREAM);
    });
    const client = http2.connect("http://test", { createConnection: () => socket });
    const stream = client.request({ ":path": "/s/m" });
    const [error] = (await once(stream, "error")) as [Error];
    assert.match(error.message, /NGHTTP2_REFUSED_STREAM/);
    client.destroy();
  });

  it("calls its server: headers, 1 MiB each way, trailers", async () => {
    const server = http2.createServer();
    server.on("stream", async (stream, headers) => {
      const received = await body(stream);
      stream.respond({ ":status": 200, "x-path": headers[":path"] }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", "x-length": String(received.length) }));
      stream.end(received);
    });
    const chunks: Buffer[] = [];
    const blocks: string[][] = [];
    const ended = new Promise<void>((resolve, reject) => {
      const socket = new SessionSocket("client", (event, { session }) => {
        if (event.type === "settings" && session.streamSlots() > 0) {
          const request = [":method", "POST", ":scheme", "http", ":path", "/s/m", ":authority", "test"];
          const id = session.openStream(new HeaderBlock(request), false) as number;
          session.sendData(id, mebibyte, true);
        } else if (event.type === "headers") {
          blocks.push(allFields(event.headers));
          if (event.endStream) resolve();
        } else if (event.type === "data") {
          chunks.push(Buffer.from(event.bytes.subarray(event.start, event.end)));
          session.releaseWindow(event.streamId, event.end - event.start);
        } else if (event.type === "reset" || event.type === "closed") {
          reject(new Error(event.message));
        }
      });
      server.emit("connection", socket);
    });
    await ended;
    assert.ok(Buffer.concat(chunks).equals(mebibyte));
    assert.deepEqual(blocks[0]?.slice(0, 4), [":status", "200", "x-path", "/s/m"]);
    assert.deepEqual(blocks[1], ["grpc-status", "0", "x-length", String(mebibyte.length)]);
  });
});
