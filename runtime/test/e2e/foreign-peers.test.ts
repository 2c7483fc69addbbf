import assert from "node:assert/strict";
import { once } from "node:events";
import { get } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { createChannel, createClient, insecure, type Peer, type ServerOptions, StatusCode } from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { bytesOf, frames } from "../support/frames.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { deferred, failureOf, openLoopback } from "./loopback.js";

/** A server of bytes; `talk` says what it answers. Disposing of it closes its connections. */
async function openTcpServer(talk: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    talk(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const channel = createChannel(`127.0.0.1:${port}`, { credentials: insecure() });
  const dispose = async (): Promise<void> => {
    await channel.close();
    const closed = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return { channel, echo: createClient(EchoService, channel), sockets, [Symbol.asyncDispose]: dispose };
}

describe("e2e: peers that speak something else", () => {
  checkRejections();

  describe("at our client", () => {
    const strangers: readonly [string, string | Buffer, RegExp][] = [
      ["HTTP/1.1", "HTTP/1.1 400 Bad Request\r\n\r\n", /the server speaks HTTP\/1\.1, HTTP\/2 was expected/],
      // What a TLS server answers to a preface: an alert, fatal, unexpected_message (RFC 8446 §6.2).
      ["TLS", Buffer.of(21, 3, 3, 0, 2, 2, 10), /the server speaks TLS on this port, plaintext HTTP\/2 was expected/],
      ["SSH", "SSH-2.0-OpenSSH_9.6\r\n", /frame is \d+ bytes, limit 65536|the peer's first frame is/],
      ["nothing and hangs up", "", /the peer closed the connection/],
    ];
    for (const [what, bytes, sentence] of strangers) {
      it(`that speak ${what} are UNAVAILABLE, with a sentence that says so`, async () => {
        await using server = await openTcpServer((socket) => socket.once("data", () => socket.end(bytes)));
        const error = await failureOf(server.echo.unary({}), StatusCode.UNAVAILABLE);
        assert.match(error.message, sentence);
        assert.equal(error.delivery, "not-sent");
        assert.equal(error.method, "/godwit.testing.v1.EchoService/Unary");
        assert.match(server.channel.describe().subchannels[0]?.lastError ?? "", sentence);
      });
    }

    it("that break HTTP/2 later lose their calls at once, though they keep the connection", async () => {
      await using server = await openTcpServer((socket) => {
        socket.write(bytesOf(frames.settings(), frames.settingsAck()));
        // HEADERS follow the client's SETTINGS: DATA on stream 0 is no answer.
        socket.on("data", () => socket.write(bytesOf(frames.data(0, "x"))));
      });
      const error = await failureOf(server.echo.unary({}, { timeoutMs: 5000 }), StatusCode.UNAVAILABLE);
      assert.match(error.message, /DATA frame on stream 0/);
    });
  });

  describe("at our server", () => {
    async function openWatched(server: ServerOptions = {}) {
      const first = deferred<{ error: Error; peer: Peer | undefined }>();
      const heard: string[] = [];
      const onConnectionError = (error: Error, peer: Peer | undefined): void => {
        heard.push(error.message);
        first.resolve({ error, peer });
      };
      const loopback = await openLoopback({ server: { onConnectionError, ...server } });
      return { loopback, heard, first: first.promise };
    }

    it("that speak HTTP/1.1 are told from others, and others are served on", async () => {
      const { loopback, heard, first } = await openWatched();
      await using _ = loopback;
      const failed = deferred<Error>();
      get({ host: "127.0.0.1", port: loopback.port, path: "/health", agent: false }).on("error", failed.resolve);
      await failed.promise;
      const { error, peer } = await first;
      assert.equal(error.message, "the client speaks HTTP/1.1, this port speaks HTTP/2 (gRPC) only");
      assert.match(peer?.address ?? "", /^ipv4:127\.0\.0\.1:\d+$/);
      assert.equal((await loopback.echo.unary({ id: "on" })).id, "on");
      assert.equal(heard.length, 1);
    });

    it("that speak TLS are told from others, and others are served on", async () => {
      const { loopback, first } = await openWatched();
      await using _ = loopback;
      const failed = deferred<Error>();
      connectTls({ host: "127.0.0.1", port: loopback.port, rejectUnauthorized: false }).on("error", failed.resolve);
      await failed.promise;
      assert.equal((await first).error.message, "the client speaks TLS, this port speaks plaintext HTTP/2");
      assert.equal((await loopback.echo.unary({ id: "on" })).id, "on");
    });

    it("that connect and leave are no error", async () => {
      const { loopback, heard } = await openWatched();
      await using _ = loopback;
      const polite = connect(loopback.port, "127.0.0.1").resume();
      polite.end();
      await once(polite, "close");
      const rude = connect(loopback.port, "127.0.0.1");
      await once(rude, "connect");
      rude.resetAndDestroy();
      await once(rude, "close");
      assert.equal((await loopback.echo.unary({ id: "on" })).id, "on");
      assert.deepEqual(heard, []);
    });

    it("that are more than maxConnections are closed, and the others go on", async () => {
      const { loopback, first } = await openWatched({ maxConnections: 1 });
      await using _ = loopback;
      assert.equal((await loopback.echo.unary({ id: "one" })).id, "one");
      const second = connect(loopback.port, "127.0.0.1")
        .on("error", () => undefined)
        .resume();
      await once(second, "close");
      assert.equal((await first).error.message, "the server has 1 open connections, limit 1 (maxConnections)");
      assert.equal((await loopback.echo.unary({ id: "on" })).id, "on");
    });

    it("R110 CVE-2019-9511, CVE-2019-9517, CVE-2016-1546: that do not read what they ask for are let go", async () => {
      const { loopback, first } = await openWatched({ limits: { maxUnsentBytes: 64 * 1024 } });
      await using _ = loopback;
      const socket = connect(loopback.port, "127.0.0.1").on("error", () => undefined);
      const closed = once(socket, "close");
      await once(socket, "connect");
      socket.pause();
      socket.write(bytesOf(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frames.settings(), frames.settingsAck()));
      // Each call is answered with a sentence, and none of the answers is read.
      const call = frames
        .headers(1)
        .request(`/${"x".repeat(180)}/y`, "content-type", "application/grpc")
        .endStream()
        .build();
      let id = 1;
      const ask = (): void => {
        for (let more = true; more && !socket.destroyed; ) {
          const batch = Buffer.alloc(500 * call.length);
          for (let at = 0; at < batch.length; at += call.length, id += 2) {
            call.copy(batch, at);
            batch.writeUInt32BE(id, at + 5);
          }
          more = socket.write(batch);
        }
      };
      socket.on("drain", ask);
      ask();
      const { error } = await first;
      assert.match(error.message, /^\d+ bytes wait for the peer to read, limit 65536 \(maxUnsentBytes\)$/);
      socket.destroy();
      await closed;
      assert.equal((await loopback.echo.unary({ id: "on" })).id, "on");
    });
  });
});
