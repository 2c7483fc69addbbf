import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { HeaderBlock } from "../../src/hpack/header-block.js";
import { ErrorCode } from "../../src/http2/error-code.js";
import type { SessionEvent } from "../../src/http2/session-event.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { openLoopback } from "../e2e/loopback.js";
import { hello, RawPeer, unary } from "../e2e/raw-peer.js";
import { describeEvent, LoneSession } from "../http2/lone-session.js";
import type { FakePlatform } from "../support/fake-platform.js";
import { bytesOf, describeFrame, frames, parseFrames } from "../support/frames.js";
import { retainedHeapBytes } from "../support/retained-heap.js";
import { ClientFixture, outcome } from "../transport/client-fixture.js";
import { request, ServerFixture } from "../transport/server-fixture.js";
import { framed } from "../transport/text-method.js";

const requestHeaders = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m", ":authority", "a"]);

/** Waits, some turns and collections long, until nothing refers to an object any more. */
async function collected(reference: WeakRef<object>, what: string): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    // A WeakRef that was read holds what it refers to until the turn is over.
    await setImmediate();
    retainedHeapBytes();
    if (reference.deref() === undefined) return;
  }
  assert.fail(`${what} is still referred to`);
}

describe("Regressions: node:http2", () => {
  it("R32 node CVE-2026-21714: a connection that ends with GOAWAY for a window above 2^31-1 does not stay in memory", async () => {
    const overflow = frames.windowUpdate(0, 0x7fffffff);
    /** The client goes on and never closes its end; what is left of the connection is what the world still refers to. */
    function attacked(): { platform: FakePlatform; transport: WeakRef<object>; call: WeakRef<object> } {
      const fixture = new ServerFixture();
      fixture.client.send(request(1), frames.data(1, framed("x".repeat(10_000))));
      const call = new WeakRef(fixture.handlers.call);
      fixture.client.send(overflow);
      assert.match(fixture.client.sentOfCalls().join(), /GOAWAY 1 FLOW_CONTROL_ERROR/);
      for (let i = 0; i < 100; i++) fixture.client.send(frames.ping());
      fixture.platform.advance(1000);
      assert.equal(fixture.closed.length, 1);
      assert.ok(fixture.link.server.isClosed);
      return { platform: fixture.platform, transport: new WeakRef(fixture.transport), call };
    }
    const { platform, transport, call } = attacked();
    platform.assertQuiet();
    await collected(transport, "the transport");
    await collected(call, "its call");
  });

  it("R33 node CVE-2026-48619: ORIGIN and ALTSVC from a server are not kept", () => {
    const lone = LoneSession.open("client");
    lone.session.openStream(requestHeaders, true);
    lone.sent();
    const before = retainedHeapBytes();
    for (let i = 0; i < 5000; i++) {
      const origin = Buffer.from(`\0\x40https://${String(i).padStart(56, "x")}`.repeat(8), "latin1");
      assert.deepEqual(lone.feed(frames.raw(0x0c, 0, 0, origin), frames.raw(0x0a, 0, i & 1, origin)), []);
    }
    const grown = retainedHeapBytes() - before;
    assert.ok(grown < 300_000, `${grown} bytes are kept of 5 MB`);
    assert.deepEqual(lone.sent(), []);
  });

  it("R34 node CVE-2026-48937: nothing is read any more behind a GOAWAY that ended the connection", () => {
    const lone = LoneSession.open("server");
    lone.feed(frames.data(0, 1));
    assert.deepEqual(lone.sent(), ["GOAWAY 0 PROTOCOL_ERROR"]);
    for (let i = 0; i < 10; i++) assert.deepEqual(lone.feed(frames.headers(1).request(), frames.settings()), []);
    assert.deepEqual(lone.sent(), []);
    assert.equal(lone.session.openStreams, 0);
    assert.equal(lone.session.nextTimeout(), undefined);

    const fixture = new ServerFixture();
    fixture.client.send(frames.data(0, 1));
    const before = retainedHeapBytes();
    for (let id = 1; id < 400; id += 2) {
      const bytes = bytesOf(request(id), frames.data(id, 16_000));
      lone.session.receive(bytes, 0);
      fixture.client.send(bytes);
    }
    assert.equal(fixture.handlers.calls.length, 0);
    // What is not read any more stays with the network until the connection is gone.
    fixture.platform.advance(500);
    assert.equal(fixture.closed.length, 1);
    const grown = retainedHeapBytes() - before;
    assert.ok(grown < 300_000, `${grown} bytes are kept of 3 MB`);
    assert.equal(lone.session.nextEvent(), undefined);
  });

  it("R36 node CVE-2026-56848: writing and resetting amid the events of a chunk does not spoil the reading of it", () => {
    const chunk = bytesOf(
      frames.headers(1).request(),
      frames.data(1, 100),
      frames.headers(3).request(),
      frames.settings(),
      frames.data(3, 200).endStream(),
      frames.data(1, 50),
      frames.rst(3, ErrorCode.CANCEL),
      frames.ping(),
    );
    const run = (act: (lone: LoneSession, event: SessionEvent) => void) => {
      const lone = LoneSession.open("server");
      const events: string[] = [];
      lone.session.receive(chunk, 0);
      for (let event = lone.session.nextEvent(); event !== undefined; event = lone.session.nextEvent()) {
        events.push(describeEvent(event));
        act(lone, event);
      }
      return { lone, events };
    };
    const plain = run(() => undefined);
    const sent: string[] = [];
    const reentrant = run((lone) => {
      // What a handler does in the middle: it takes the output, and gives the session more to say.
      for (const piece of lone.session.takeOutput(1)) sent.push(...parseFrames(Buffer.from(piece)).map(describeFrame));
      lone.session.outputReleased();
      lone.session.ping(Buffer.from("reenter!"));
    });
    assert.deepEqual(reentrant.events, plain.events);
    sent.push(...reentrant.lone.sent());
    assert.deepEqual(sent.filter((frame) => !frame.includes("reenter!")).sort(), plain.lone.sent().sort());

    const { lone, events } = run((each, event) => {
      if (event.type === "headers") each.session.resetStream(event.streamId, ErrorCode.REFUSED_STREAM);
    });
    assert.deepEqual(events, ["headers 1", "headers 3", "settings"]);
    assert.equal(lone.session.openStreams, 0);
    assert.deepEqual(lone.sent(), [
      "PING ACK 12345678",
      "RST_STREAM 1 REFUSED_STREAM",
      "RST_STREAM 3 REFUSED_STREAM",
      "SETTINGS ACK",
    ]);
  });

  it("R37 node CVE-2025-59465: malformed HEADERS and a reset of the socket behind them do not end the process", async () => {
    await using loopback = await openLoopback();
    const malformed = [
      frames.headers(1).block(Buffer.from("00\xff\xff\xff\xff", "latin1")),
      frames.headers(1).fields(":method", "POST"),
      frames.headers(1).request("/s/m", "BAD", "x"),
      frames.headers(0).request(),
      frames.raw(1, 0xc, 1, Buffer.of(255)),
    ];
    for (let round = 0; round < 10; round++) {
      for (const part of malformed) {
        const peer = await RawPeer.connect(loopback.port);
        peer.send(...hello, ...unary(3), part);
        // Now and then the reset comes before anything was read, else behind the server's GOAWAY or answer.
        if (round % 2 === 0) await peer.until(/GOAWAY|RST_STREAM|HEADERS 3 END_STREAM/);
        peer.reset();
      }
    }
    await loopback.echo.unary({});
  });

  it("R38 node #64113: a stream that both sides reset at once, each amid what the other sends, ends once", () => {
    const fixture = new ServerFixture();
    const statuses: number[] = [];
    fixture.handlers.onInvoke = (call) => {
      call.sink.onHeaders(new Metadata());
    };
    for (let id = 1; id < 40; id += 2) {
      fixture.client.send(request(id), frames.data(id, framed("q")));
      const call = fixture.handlers.calls.at(-1);
      assert.ok(call);
      // The handler writes, the client makes us reset the stream and resets it itself, and goes on writing.
      call.sink.onMessage({ value: "x".repeat(100_000) });
      fixture.client.send(
        frames.windowUpdate(id, 0),
        frames.rst(id, ErrorCode.CANCEL),
        frames.data(id, framed("late")),
        frames.rst(id, ErrorCode.NO_ERROR),
        frames.windowUpdate(id, 1000),
      );
      call.sink.onMessage({ value: "later" });
      call.sink.onStatus({ code: StatusCode.OK, message: "" });
      statuses.push(call.cancels.length);
      const resets = fixture.client.sentOfCalls().filter((frame) => frame.startsWith("RST_STREAM"));
      assert.deepEqual(resets, [`RST_STREAM ${id} PROTOCOL_ERROR`]);
    }
    assert.deepEqual(new Set(statuses), new Set([1]));
    assert.equal(fixture.transport.activeCalls, 0);
    assert.deepEqual(fixture.closed, []);

    const client = new ClientFixture();
    const call = client.openCall();
    call.response.onEvent = () => call.stream.cancel({ code: StatusCode.CANCELLED, message: "enough" });
    call.stream.pull(1);
    client.server.send(frames.headers(1).response(200, "content-type", "application/grpc"), frames.rst(1, 8));
    assert.equal(outcome(call), "CANCELLED: enough (processed)");
  });
});
