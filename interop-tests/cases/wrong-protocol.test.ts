import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer, get } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { connect as connectTls } from "node:tls";
import { StatusCode } from "godwit";
import { openOurClient } from "../ours/our-client.js";
import { startOurServer } from "../ours/our-server.js";
import { deferred } from "../support/deferred.js";
import { expectStatusError } from "../support/expect-status-error.js";

/** A server of ours, with what it says of bad connections. */
async function startListeningServer() {
  const first = deferred<Error>();
  const errors: string[] = [];
  const onConnectionError = (error: Error): void => {
    errors.push(error.message);
    first.resolve(error);
  };
  const server = await startOurServer({}, { onConnectionError });
  return { server, errors, first: first.promise };
}

describe("wrong protocol: at our server", () => {
  it("HTTP/1.1: one error that says so, and everybody else is served on", async () => {
    const { server, errors, first } = await startListeningServer();
    await using _ = server;
    await using client = openOurClient(server.port);
    await client.echo.unary({});
    const failed = deferred<Error>();
    get({ host: "127.0.0.1", port: server.port, path: "/health" }).on("error", failed.resolve);
    // Frames of HTTP/2 are what it gets for an answer.
    assert.match((await failed.promise).message, /Parse Error|socket hang up|ECONNRESET/);
    assert.match((await first).message, /the client speaks HTTP\/1\.1, this port speaks HTTP\/2 \(gRPC\) only/);
    assert.equal((await client.echo.unary({ id: "on" })).id, "on");
    assert.equal(errors.length, 1);
  });

  it("TLS: one error that says so, and everybody else is served on", async () => {
    const { server, errors, first } = await startListeningServer();
    await using _ = server;
    await using client = openOurClient(server.port);
    await client.echo.unary({});
    const failed = deferred<Error>();
    connectTls({ host: "127.0.0.1", port: server.port, rejectUnauthorized: false }).on("error", failed.resolve);
    await failed.promise;
    assert.match((await first).message, /the client speaks TLS, this port speaks plaintext HTTP\/2/);
    assert.equal((await client.echo.unary({ id: "on" })).id, "on");
    assert.equal(errors.length, 1);
  });

  it("a client that connects, says nothing and leaves is no error", async () => {
    const { server, errors } = await startListeningServer();
    await using _ = server;
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    socket.end();
    socket.resume();
    await once(socket, "close");
    await using client = openOurClient(server.port);
    assert.equal((await client.echo.unary({ id: "on" })).id, "on");
    assert.deepEqual(errors, []);
  });
});

describe("wrong protocol: at our client", () => {
  it("an HTTP/1.1 server is UNAVAILABLE with a sentence that says so", async () => {
    const server = createHttpServer((_request, response) => response.end("hello"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    await using client = openOurClient((server.address() as AddressInfo).port);
    const error = await expectStatusError(client.echo.unary({}), StatusCode.UNAVAILABLE);
    assert.match(error.message, /the server speaks HTTP\/1\.1, HTTP\/2 was expected/);
    assert.equal(error.delivery, "not-sent");
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });

  it("a TLS port is UNAVAILABLE with a sentence that says so", async () => {
    // A TLS server answers what is no ClientHello with an alert: record type 21, version 3.3, fatal, unexpected_message.
    const alert = Buffer.from([21, 3, 3, 0, 2, 2, 10]);
    const server = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(alert));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    await using client = openOurClient((server.address() as AddressInfo).port);
    const error = await expectStatusError(client.echo.unary({}), StatusCode.UNAVAILABLE);
    assert.match(error.message, /the server speaks TLS on this port, plaintext HTTP\/2 was expected/);
    assert.equal(error.delivery, "not-sent");
    const closed = once(server, "close");
    server.close();
    await closed;
  });

  it("a server that accepts and hangs up at once", async () => {
    const server = createTcpServer((socket) => socket.destroy());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    await using client = openOurClient((server.address() as AddressInfo).port);
    const error = await expectStatusError(client.echo.unary({}), StatusCode.UNAVAILABLE);
    assert.match(error.message, /closed|ECONNRESET|EPIPE/);
    const closed = once(server, "close");
    server.close();
    await closed;
  });
});
