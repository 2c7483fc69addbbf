import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createChannel, createClient, createServer, insecure, StatusCode } from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, echoHandlers, failureOf, openLoopback } from "./loopback.js";

describe("e2e: addresses", () => {
  checkRejections();

  it("a port that is taken is named, and the server may listen elsewhere", async () => {
    await using loopback = await openLoopback();
    const second = createServer();
    await assert.rejects(second.listen(loopback.address), (error: Error) => {
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${loopback.port}`));
      assert.match(error.message, /EADDRINUSE|in use/);
      return true;
    });
    const { port } = await second.listen("127.0.0.1:0");
    assert.notEqual(port, loopback.port);
    await second.close();
  });

  it("a port that nobody listens on is UNAVAILABLE, and named", async () => {
    const loopback = await openLoopback();
    await loopback.server.close();
    const error = await failureOf(loopback.echo.unary({}), StatusCode.UNAVAILABLE);
    assert.match(error.message, /ECONNREFUSED|refused/);
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${loopback.port}`));
    assert.equal(error.delivery, "not-sent");
    await loopback[Symbol.asyncDispose]();
  });

  it("a target that does not parse is a TypeError, and so is an address to listen on", async () => {
    for (const target of ["", "ftp://x", "ipv4:localhost:1", "dns:///%zz", "unix:"]) {
      assert.throws(() => createChannel(target, { credentials: insecure() }), TypeError, target);
    }
    assert.throws(() => createChannel("localhost:1"), /^TypeError: credentials are missing for target "localhost:1"/);
    const server = createServer();
    for (const address of ["", "127.0.0.1", "127.0.0.1:70000", "unix:"]) {
      await assert.rejects(server.listen(address), TypeError, address);
    }
    await assert.rejects(server.listen("0.0.0.0:0"), /without credentials: other machines can reach it/);
    await server.close();
  });

  it("a name that does not resolve is UNAVAILABLE, and named", async () => {
    const channel = createChannel("no-such-host.invalid:1", { credentials: insecure() });
    const error = await failureOf(createClient(EchoService, channel).unary({}), StatusCode.UNAVAILABLE);
    assert.match(error.message, /no-such-host\.invalid/);
    assert.equal(error.delivery, "not-sent");
    await channel.close();
  });

  it("every kind of target reaches the server", async () => {
    await using loopback = await openLoopback({ address: "localhost:0" });
    const { port } = loopback;
    for (const target of [`localhost:${port}`, `dns:///localhost:${port}`, `dns:localhost:${port}`]) {
      const channel = createChannel(target, { credentials: insecure() });
      assert.equal((await createClient(EchoService, channel).unary({ id: target })).id, target);
      await channel.close();
    }
    await using ipv4 = await openLoopback({ address: "127.0.0.1:0" });
    const several = createChannel(`ipv4:127.0.0.1:1,127.0.0.1:${ipv4.port}`, { credentials: insecure() });
    assert.equal((await createClient(EchoService, several).unary({ id: "second" })).id, "second");
    await several.close();
  });

  it("unix: sockets carry calls, and go with their server", async () => {
    const folder = mkdtempSync(join(tmpdir(), "godwit-"));
    try {
      const path = join(folder, "echo.sock");
      const loopback = await openLoopback({ address: `unix:${path}` });
      assert.equal(loopback.address, `unix:${path}`);
      // No credentials are needed: nothing leaves this machine.
      const channel = createChannel(`unix:${path}`);
      const echo = createClient(EchoService, channel);
      assert.equal((await echo.unary({ id: "a" })).id, "a");
      assert.equal((await collect(echo.serverStream({ count: 100, size: 10_000 }))).length, 100);
      await channel.close();
      await loopback[Symbol.asyncDispose]();
      assert.equal(existsSync(path), false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("inproc: names and server.inProcess() carry calls without a socket", async () => {
    const server = createServer();
    server.add(EchoService, echoHandlers);
    await server.listen("inproc:e2e-addresses");
    const channel = createChannel("inproc:e2e-addresses");
    for (const echo of [createClient(EchoService, channel), createClient(EchoService, server.inProcess())]) {
      assert.equal((await echo.unary({ id: "a" })).id, "a");
      assert.equal((await collect(echo.serverStream({ count: 100 }))).length, 100);
      assert.equal((await echo.clientStream([{}, {}])).messages, 2);
      assert.equal((await collect(echo.bidi([{}, {}, {}]))).length, 3);
    }
    await channel.close();
    await server.close();
    const gone = createChannel("inproc:e2e-addresses");
    const error = await failureOf(createClient(EchoService, gone).unary({}), StatusCode.UNAVAILABLE);
    assert.match(error.message, /no server of this process listens on inproc:e2e-addresses/);
    await gone.close();
  });

  it("a server may listen on several at once", async () => {
    const server = createServer();
    server.add(EchoService, echoHandlers);
    const bound = await Promise.all([server.listen("127.0.0.1:0"), server.listen("127.0.0.1:0")]);
    for (const { address } of bound) {
      const channel = createChannel(address, { credentials: insecure() });
      assert.equal((await createClient(EchoService, channel).unary({ id: address })).id, address);
      await channel.close();
    }
    await server.close();
  });

  it("a server that comes back on its port is found again", async () => {
    const first = await openLoopback();
    const { echo, port } = first;
    await echo.unary({});
    await first.server.close({ graceMs: 0 });
    await using second = await openLoopback({ address: `127.0.0.1:${port}` });
    assert.equal((await echo.unary({ id: "again" }, { waitForReady: true, timeoutMs: 5000 })).id, "again");
    assert.equal(second.port, port);
    await first[Symbol.asyncDispose]();
  });
});
