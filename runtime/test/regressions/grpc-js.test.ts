import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { StatusError } from "godwit";
import { StatusCode } from "../../src/rpc/status-code.js";
import { ChannelFixture, configOf } from "../channel/channel-fixture.js";
import { failureOf, openLoopback } from "../e2e/loopback.js";
import { hello, message, RawPeer, request as rawRequest, service } from "../e2e/raw-peer.js";
import { frames, frameType } from "../support/frames.js";
import { retainedHeapBytes } from "../support/retained-heap.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { ClientFixture, outcome, responseHeaders, trailers } from "../transport/client-fixture.js";
import { open, request, ServerFixture } from "../transport/server-fixture.js";
import { framed, text } from "../transport/text-method.js";
import { echoRequest, serveEcho } from "./served-client.js";

describe("Regressions: grpc-js", () => {
  checkRejections();

  it("R53 grpc-js CVE-2024-37168: a message above the limit is refused by its prefix, not when all of it is in memory", () => {
    const limits = { maxReceiveMessageBytes: 1000, streamWindowBytes: 1 << 20 };
    for (const tooLarge of [1001, 500_000, 0xffffffff]) {
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(tooLarge, 1);
      const { fixture } = open({ limits }, frames.data(1, prefix));
      const [answer] = fixture.client.sentOfCalls();
      assert.match(answer ?? "", new RegExp(`grpc-status: 8, .*message is ${tooLarge} bytes, limit 1000`));
      const before = retainedHeapBytes();
      for (let i = 0; i < 60; i++) fixture.client.send(frames.data(1, 16_384));
      assert.ok(retainedHeapBytes() - before < 500_000, "what comes all the same is not kept");
      assert.deepEqual(fixture.closed, []);

      const client = new ClientFixture({ limits });
      const call = client.openCall();
      call.stream.pull(1);
      client.server.send(responseHeaders(), frames.data(1, prefix));
      assert.match(outcome(call) ?? "", /^RESOURCE_EXHAUSTED: response message is \d+ bytes, limit 1000/);
    }
    const { fixture, call } = open({ limits }, frames.data(1, framed("x".repeat(1000))));
    assert.equal(call.sent.length, 1, "the limit itself is allowed");
    assert.deepEqual(fixture.client.sentOfCalls(), []);
  });

  it("R55 grpc-js CVE-2026-48069: a compressed message that is none ends its call, and not the process", async () => {
    const good = gzipSync(Buffer.alloc(100_000, "abc"));
    const broken = Buffer.from(good);
    broken[good.length - 6] = (broken[good.length - 6] as number) ^ 0xff;
    const bodies = [
      Buffer.alloc(0),
      Buffer.from("no gzip at all"),
      Buffer.alloc(200_000, 0xff),
      good.subarray(0, 10),
      good.subarray(0, good.length - 4),
      broken,
      Buffer.concat([good, Buffer.from("trailing")]),
    ];
    await using loopback = await openLoopback();
    const peer = await RawPeer.connect(loopback.port);
    peer.send(...hello);
    const ids = bodies.map((_, i) => 2 * i + 1);
    for (const [i, body] of bodies.entries()) {
      const id = ids[i] as number;
      const bytes = message(body, 1);
      peer.send(rawRequest(id, `${service}Unary`, "grpc-encoding", "gzip"));
      for (let at = 0; at < bytes.length; at += 16_384) peer.send(frames.data(id, bytes.subarray(at, at + 16_384)));
      peer.send(frames.data(id, 0).endStream());
    }
    for (const id of ids) await peer.until(new RegExp(`^HEADERS ${id} END_STREAM`));
    const seen = await peer.until(/HEADERS/);
    assert.doesNotMatch(seen, /GOAWAY|DATA/, "no call came to an answer, none ended the connection");
    peer.destroy();
    assert.deepEqual(loopback.errors, [], "no handler ran");
    await loopback.echo.unary({});
  });

  it("R56 grpc-js CVE-2026-101914: a path that is like a method's, longer, shorter or in other case, is not the method's", async () => {
    let calls = 0;
    const { client, platform, end } = await serveEcho({
      unary: () => {
        calls++;
        return {};
      },
    });
    const path = "/test.v1.Echo/Unary";
    const cases = [path.toLowerCase(), path.toUpperCase(), "/test.v1.Echo/unary", "/test.v1.echo/Unary"];
    const lengths = [
      `${path}s`,
      path.slice(0, -1),
      `${path}/`,
      `${path}Unary`,
      `/x${path}`,
      "/test.v1.Echo/",
      "/.Echo/Unary",
    ];
    const like = [...cases, ...lengths];
    for (const [i, each] of like.entries()) {
      client.send(echoRequest(2 * i + 1, each), frames.data(2 * i + 1, framed("")).endStream());
    }
    await platform.settle();
    assert.equal(calls, 0);
    const answers = client.sentOfCalls();
    assert.equal(answers.length, like.length);
    for (const answer of answers) assert.match(answer, /^HEADERS \d+ END_STREAM .*grpc-status: 12/);
    client.send(echoRequest(99, path), frames.data(99, framed("")).endStream());
    await platform.settle();
    assert.equal(calls, 1);
    await end();
  });

  it("R60 grpc-js, with Envoy: the end of a request does not come late, but with its last message", () => {
    const fixture = new ClientFixture();
    const whole = fixture.openCall();
    whole.stream.send(text("last"), true);
    assert.deepEqual(fixture.server.sentOfCalls(), [`DATA 1 9 bytes END_STREAM ${JSON.stringify("\0\0\0\0\x04last")}`]);
    const parts = fixture.openCall();
    parts.stream.send(text("last"), false);
    parts.stream.finish();
    const sent = fixture.server.take();
    assert.deepEqual(
      sent.map(({ type, flags }) => [type, flags & 1]),
      [
        [frameType.DATA, 0],
        [frameType.DATA, 1],
      ],
    );
  });

  it("R61 grpc-js #2953: a connection that its peer does not answer on is destroyed, not left to be closed by the peer", () => {
    const client = new ClientFixture();
    const call = client.openCall();
    client.link.freeze();
    client.transport.close({ code: StatusCode.UNAVAILABLE, message: "no answer to a ping" });
    client.platform.advance(1000);
    assert.equal(outcome(call), "UNAVAILABLE: no answer to a ping (unknown)");
    assert.ok(client.link.client.isClosed, "within a second");
    assert.equal(client.heard.length, 1);

    const server = new ServerFixture();
    server.client.send(request(1));
    server.link.freeze();
    server.transport.drain();
    server.platform.advance(60_000);
    assert.equal(server.closed.length, 0, "the call runs on");
    server.transport.close();
    server.platform.advance(1000);
    assert.ok(server.link.server.isClosed);
    assert.equal(server.closed.length, 1);
  });

  it("R65 grpc-js 1.14.7: a push-back that is no number does not mean to try again at once", () => {
    for (const value of ["abc", "", "1e3", "-5", "0x10", "99999999999", " 5", "5 "]) {
      const fixture = new ClientFixture();
      const call = fixture.openCall();
      call.stream.pull(1);
      const fields = /^ | $/.test(value) ? [] : ["grpc-retry-pushback-ms", value];
      fixture.server.send(responseHeaders(), trailers(14, ...fields));
      assert.equal(call.response.status?.retryPushbackMs, fields.length === 0 ? undefined : -1, JSON.stringify(value));
    }
  });

  it("R66 grpc-js 1.14.7: a timeout of 0.5s in a service config is not one of five nanoseconds", () => {
    const f = new ChannelFixture({
      serviceConfig: configOf({ methodConfig: [{ name: [{}], timeout: "0.5s" }] }),
    });
    f.ready();
    const call = f.call();
    f.platform.advance(499);
    assert.equal(call.status, undefined);
    f.platform.advance(1);
    assert.match(call.outcome, /^DEADLINE_EXCEEDED: deadline of 500 ms ran out/);
  });

  it("R67 grpc-js 1.14.7: waitForReady and the sizes of messages in a service config are not ignored", () => {
    const methodConfig = [
      { name: [{}], waitForReady: true, maxRequestMessageBytes: 100, maxResponseMessageBytes: 200 },
    ];
    const f = new ChannelFixture({ serviceConfig: configOf({ methodConfig }) });
    const call = f.call();
    f.resolver.tellHosts("10.0.0.1");
    f.connector.last.refuse();
    assert.equal(call.status, undefined, "it waits through a refused connection");
    f.platform.advance(1300);
    const transport = f.connector.last.succeed();
    const { maxRequestBytes, maxResponseBytes } = transport.calls[0]?.options ?? {};
    assert.deepEqual([maxRequestBytes, maxResponseBytes], [100, 200]);
  });

  it("R69 grpc-js 1.14.7: half an emoji in a status message does not end the process, nor hang the client", async () => {
    await using loopback = await openLoopback({
      handlers: {
        unary: ({ id }) => {
          throw new StatusError(StatusCode.INVALID_ARGUMENT, `bad id: ${id.slice(0, 1)}\ud83d`);
        },
      },
    });
    const error = await failureOf(loopback.echo.unary({ id: "x" }), StatusCode.INVALID_ARGUMENT);
    assert.equal(error.statusMessage, "bad id: x\ufffd");
  });

  it("R71 grpc-js 1.14.7: a stream that fails and that nobody listens to does not end the process", async () => {
    await using loopback = await openLoopback({
      handlers: {
        async *serverStream() {
          yield {};
          throw new Error("amid the stream");
        },
      },
    });
    const { echo } = loopback;
    const streams = Array.from({ length: 10 }, () => echo.serverStream({}));
    // Some are read from, and what comes of that is awaited by nobody either.
    for (const stream of streams.slice(5)) for (const _ of [1, 2, 3]) void stream[Symbol.asyncIterator]().next();
    void echo.clientStream([]).catch(() => undefined);
    while (loopback.errors.length < streams.length) await setImmediate();
    await echo.unary({});
  });
});
