import assert from "node:assert/strict";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { ErrorCode } from "../../../src/http2/error-code.js";
import { frames } from "../../support/frames.js";
import { SessionPair } from "../../support/session-pair.js";
import { describeEvent, LoneSession } from "../lone-session.js";

const request = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m"]);
const response = new HeaderBlock([":status", "200"]);

describe("Http2Session: GOAWAY from the peer", () => {
  function openClient(streams: number): LoneSession {
    const lone = LoneSession.open("client");
    for (let i = 0; i < streams; i++) lone.session.openStream(request, true);
    lone.sent();
    return lone;
  }

  it("ends the streams above its last one as unprocessed; those below go on", () => {
    const lone = openClient(4);
    const events = lone.feedEvents(frames.goAway(3, ErrorCode.NO_ERROR, "restart ☺"));
    assert.deepEqual(events.map(describeEvent), [
      'goAway 3 NO_ERROR "restart ☺"',
      "reset 5 NO_ERROR remote unprocessed",
      "reset 7 NO_ERROR remote unprocessed",
    ]);
    assert.ok(events[1]?.type === "reset");
    assert.equal(events[1].message, "the peer is going away (NO_ERROR: restart ☺) and did not process the stream");
    assert.deepEqual(lone.sent(), []);
    assert.equal(lone.session.streamSlots(), 0);
    assert.equal(lone.session.openStream(request, true), undefined);
    assert.deepEqual(lone.feed(frames.headers(1).response().endStream()), ["headers 1 END_STREAM"]);
    assert.deepEqual(lone.feed(frames.headers(3).response().endStream()), ["headers 3 END_STREAM"]);
    assert.equal(lone.session.openStreams, 0);
  });

  it("may come again with a lower last stream", () => {
    const lone = openClient(2);
    assert.deepEqual(lone.feed(frames.goAway(0x7fffffff, 0)), ['goAway 2147483647 NO_ERROR ""']);
    assert.deepEqual(lone.feed(frames.goAway(1, 0)), ['goAway 1 NO_ERROR ""', "reset 3 NO_ERROR remote unprocessed"]);
  });

  it("drops what is queued on streams that it ends", () => {
    const lone = openClient(0);
    lone.session.openStream(request, false);
    lone.sendMessage(1, Buffer.alloc(100_000));
    lone.feed(frames.goAway(0, ErrorCode.ENHANCE_YOUR_CALM));
    assert.deepEqual(lone.sent(), ["HEADERS 1"]);
  });

  it("leaves a server's streams alone", () => {
    const lone = LoneSession.open("server");
    lone.feed(frames.headers(1).request());
    assert.deepEqual(lone.feed(frames.goAway(0, 0)), ['goAway 0 NO_ERROR ""']);
    assert.deepEqual(lone.feed(frames.data(1, 1)), ["data 1 1 bytes"]);
  });

  it("is told with 1 KiB of its debug data (A21), which need not be text", () => {
    const lone = LoneSession.open("client");
    const [event] = lone.feedEvents(frames.goAway(0, 0, "x".repeat(5000)));
    assert.ok(event?.type === "goAway");
    assert.equal(event.debug.length, 1024);
    const bytes = Buffer.concat([Buffer.alloc(8), Buffer.of(0xff, 0xfe)]);
    assert.deepEqual(lone.feed(frames.raw(7, 0, 0, bytes)), ['goAway 0 NO_ERROR "\ufffd\ufffd"']);
  });

  it("must be on stream 0 and have its two fields", () => {
    for (const [bytes, message, code] of [
      [frames.raw(7, 0, 1, Buffer.alloc(8)), "GOAWAY frame on stream 1", "PROTOCOL_ERROR"],
      [frames.raw(7, 0, 0, Buffer.alloc(7)), "GOAWAY frame is 7 bytes, expected 8 or more", "FRAME_SIZE_ERROR"],
    ] as const) {
      const lone = LoneSession.open("client");
      assert.equal(LoneSession.closedMessage(lone.feedEvents(bytes)), message);
      assert.deepEqual(lone.sent(), [`GOAWAY 0 ${code}`]);
    }
  });
});

describe("Http2Session: drain of a server", () => {
  it("takes streams that were on their way and loses none (RFC 9113 §6.8)", () => {
    const pair = SessionPair.open();
    const { client, server } = pair;
    client.session.openStream(request, true);
    pair.drive();
    server.session.drain(0);
    server.session.drain(0);
    client.session.openStream(request, true);
    client.session.openStream(request, true);
    pair.drive();
    assert.deepEqual(server.drainEvents().map(describeEvent), [
      "headers 1 END_STREAM",
      "headers 3 END_STREAM",
      "headers 5 END_STREAM",
    ]);
    const goAways = client.drainEvents().map(describeEvent);
    assert.deepEqual(goAways, ['goAway 2147483647 NO_ERROR "the server is shutting down"', 'goAway 5 NO_ERROR ""']);
    assert.ok(server.session.drained);
    assert.equal(client.session.streamSlots(), 0);
    for (const id of [1, 3, 5]) server.session.sendHeaders(id, response, true);
    pair.drive();
    assert.equal(client.session.openStreams + server.session.openStreams, 0);
    assert.ok(!client.session.closed && !server.session.closed, "whoever drains closes, in its own time");
  });

  it("says GOAWAY, then PING; behind the answer GOAWAY with the last stream, once", () => {
    const lone = LoneSession.open("server");
    lone.feed(frames.headers(1).request());
    lone.session.drain(0);
    const [goAway, ping] = lone.sentFrames();
    assert.equal(goAway?.type, 7);
    assert.equal(goAway?.payload.readUInt32BE(0), 0x7fffffff);
    assert.equal(ping?.type, 6);
    assert.ok(!lone.session.drained);
    lone.session.ping(Buffer.from("anything"));
    lone.sent();
    assert.deepEqual(lone.feed(frames.pingAck(Buffer.from("anything"))), ["pong anything"]);
    assert.ok(!lone.session.drained, "another PING's answer is not ours");
    assert.deepEqual(lone.feed(frames.headers(3).request()), ["headers 3"]);
    assert.deepEqual(lone.feed(frames.pingAck(ping?.payload ?? Buffer.alloc(0))), [], "no one asked for this pong");
    assert.deepEqual(lone.sent(), ["GOAWAY 3 NO_ERROR"]);
    assert.ok(lone.session.drained);
    assert.equal(lone.session.nextTimeout(), undefined);
    assert.deepEqual(lone.feed(frames.pingAck(ping?.payload ?? Buffer.alloc(0))), []);
    assert.deepEqual(lone.sent(), []);
  });

  it("takes streams that the PING's answer has overtaken: clients answer PINGs before all else", () => {
    const lone = LoneSession.open("server", { maxConcurrentStreams: 100 });
    lone.session.drain(0);
    const ping = lone.sentFrames()[1]?.payload ?? Buffer.alloc(0);
    lone.session.allowStreams(1, 0);
    const streams = [1, 3].map((id) => frames.headers(id).request().endStream());
    assert.deepEqual(lone.feed(frames.pingAck(ping), ...streams), ["headers 1 END_STREAM"]);
    assert.deepEqual(lone.sent(), [], "there is more to read, in the next turn");
    lone.session.allowStreams(1, 0);
    assert.deepEqual(lone.events(), ["headers 3 END_STREAM"]);
    assert.deepEqual(lone.sent(), ["GOAWAY 3 NO_ERROR"]);
    assert.deepEqual(lone.feed(frames.headers(5).request()), []);
  });

  it("waits for the answer for a time", () => {
    const lone = LoneSession.open("server", { handshakeTimeoutMs: 500 });
    lone.session.drain(1000);
    assert.equal(lone.session.nextTimeout(), 1500);
    lone.session.handleTimeout(1499);
    assert.ok(!lone.session.drained);
    lone.session.handleTimeout(1500);
    assert.ok(lone.session.drained);
    assert.equal(lone.sent().at(-1), "GOAWAY 0 NO_ERROR");
    assert.equal(lone.session.nextTimeout(), undefined);
    lone.session.handleTimeout(5000);
    assert.deepEqual(lone.sent(), []);
  });

  it("during the handshake keeps the handshake's time", () => {
    const lone = new LoneSession("server", { handshakeTimeoutMs: 500 });
    lone.session.drain(100);
    assert.equal(lone.session.nextTimeout(), 500);
    lone.greet();
    assert.equal(lone.session.nextTimeout(), 600);
  });

  it("passes over new streams after the last GOAWAY, whose header blocks it reads", () => {
    const lone = LoneSession.open("server", { handshakeTimeoutMs: 500 });
    lone.feed(frames.headers(1).request());
    lone.session.drain(0);
    lone.session.handleTimeout(500);
    lone.sent();
    const indexed = Buffer.from("4001610131", "hex");
    assert.deepEqual(lone.feed(frames.headers(3).block(indexed), frames.data(3, 10), frames.windowUpdate(3, 0)), []);
    assert.deepEqual(lone.feed(frames.headers(3).fields("a", "b").endStream(), frames.rst(3, 8)), []);
    assert.deepEqual(lone.sent(), []);
    assert.deepEqual(lone.feed(frames.headers(1).block(Buffer.of(0xbe)).endStream()), ["headers 1 END_STREAM"]);
  });

  it("never raises the last stream that it has announced (RFC 9113 §6.8)", () => {
    const lone = LoneSession.open("server", { handshakeTimeoutMs: 500 });
    lone.feed(frames.headers(1).request());
    lone.session.drain(0);
    lone.session.handleTimeout(500);
    lone.feed(frames.headers(3).request(), frames.headers(5).request());
    lone.session.close(ErrorCode.NO_ERROR, "bye");
    assert.deepEqual(lone.sent().at(-1), "GOAWAY 1 NO_ERROR");
    const other = LoneSession.open("server", { handshakeTimeoutMs: 500 });
    other.session.drain(0);
    other.session.handleTimeout(500);
    other.feed(frames.headers(3).request(), frames.ping("short"));
    assert.deepEqual(other.sent().at(-1), "GOAWAY 0 FRAME_SIZE_ERROR");
  });

  it("of a session that was closed does nothing", () => {
    const lone = LoneSession.open("server");
    lone.session.close(0, "");
    lone.sent();
    lone.session.drain(0);
    assert.deepEqual(lone.sent(), []);
    assert.equal(lone.session.nextTimeout(), undefined);
  });

  it("the last GOAWAY names streams that still run", () => {
    const lone = LoneSession.open("server", { handshakeTimeoutMs: 1 });
    lone.feed(frames.headers(1).request(), frames.headers(3).request());
    lone.session.drain(0);
    lone.session.handleTimeout(1);
    assert.deepEqual(lone.sent().at(-1), "GOAWAY 3 NO_ERROR");
    assert.deepEqual(lone.feed(frames.data(3, 1).endStream()), ["data 3 1 bytes END_STREAM"]);
    lone.session.sendHeaders(3, response, true);
    assert.deepEqual(lone.sent(), ["HEADERS 3 END_STREAM"]);
  });
});

describe("Http2Session: the answer to a PING", () => {
  it("does not overtake a stream that is new: a server that drains counts on having seen it (RFC 9113 §6.8)", () => {
    const lone = LoneSession.open("client");
    lone.session.openStream(request, true);
    lone.feed(frames.goAway(0x7fffffff, 0), frames.ping());
    assert.deepEqual(lone.sent(), ["HEADERS 1 END_STREAM", "PING ACK 12345678"]);
  });

  it("overtakes all else", () => {
    const lone = LoneSession.open("client");
    const id = lone.session.openStream(request, false) ?? 0;
    lone.sent();
    lone.session.sendData(id, Buffer.from("x"), false);
    lone.feed(frames.ping());
    assert.deepEqual(lone.sent(), ["PING ACK 12345678", "DATA 1 1 bytes"]);
  });
});

describe("Http2Session: drain of a client", () => {
  it("says GOAWAY once and goes on with its streams", () => {
    const lone = LoneSession.open("client");
    lone.session.openStream(request, true);
    lone.session.drain(0);
    lone.session.drain(0);
    assert.deepEqual(lone.sent(), ["GOAWAY 0 NO_ERROR", "HEADERS 1 END_STREAM"]);
    assert.ok(lone.session.drained);
    assert.equal(lone.session.streamSlots(), 0);
    assert.equal(lone.session.nextTimeout(), undefined);
    assert.deepEqual(lone.feed(frames.headers(1).response().endStream()), ["headers 1 END_STREAM"]);
  });

  it("still holds its server to the protocol", () => {
    const lone = LoneSession.open("client");
    lone.session.openStream(request, true);
    lone.session.drain(0);
    lone.sent();
    lone.feed(frames.headers(1).response().endStream());
    const events = lone.feedEvents(frames.headers(1).response());
    assert.equal(LoneSession.closedMessage(events), "HEADERS frame on stream 1, which the peer has closed");
  });
});

describe("Http2Session: close", () => {
  it("says GOAWAY; `closed` is the last event and comes once", () => {
    const lone = LoneSession.open("server");
    lone.feed(frames.headers(1).request());
    lone.session.close(ErrorCode.INTERNAL_ERROR, "why");
    lone.session.close(ErrorCode.NO_ERROR, "again");
    const closed = { type: "closed", code: ErrorCode.INTERNAL_ERROR, initiator: "local", message: "why" };
    assert.deepEqual(lone.takeEvents(), [closed]);
    const [goAway] = lone.sentFrames();
    assert.deepEqual(goAway, {
      type: 7,
      flags: 0,
      streamId: 0,
      payload: frames.goAway(1, 2, "why").build().subarray(9),
    });
    assert.deepEqual(lone.feed(frames.headers(3).request(), frames.ping()), [], "nothing is read any more");
    assert.deepEqual(lone.sent(), []);
  });

  it("good frames before a bad one still count", () => {
    const lone = LoneSession.open("server");
    const events = lone.feed(
      frames.headers(1).request(),
      frames.data(1, 5).endStream(),
      frames.ping("short"),
      frames.headers(3).request(),
    );
    assert.deepEqual(events, ["headers 1", "data 1 5 bytes END_STREAM", "closed FRAME_SIZE_ERROR local"]);
    assert.deepEqual(lone.sent(), ["GOAWAY 1 FRAME_SIZE_ERROR"]);
    assert.ok(lone.session.closed);
  });

  it("what was commanded before it still goes out, and commands after it bring no events and no streams", () => {
    const lone = LoneSession.open("client");
    lone.session.openStream(request, false);
    lone.session.openStream(request, false);
    lone.sendMessage(3, Buffer.alloc(20_000), true);
    lone.session.close(0, "");
    lone.events();
    assert.equal(lone.session.openStream(request, true), undefined);
    lone.session.drain(0);
    lone.session.releaseWindow(1, 1 << 20);
    lone.session.handleTimeout(1e9);
    assert.deepEqual(lone.events(), []);
    assert.deepEqual(lone.sent(), [
      "GOAWAY 0 NO_ERROR",
      "HEADERS 1",
      "HEADERS 3",
      "DATA 3 16384 bytes",
      "DATA 3 3616 bytes END_STREAM",
    ]);
  });
});
