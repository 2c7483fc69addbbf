import assert from "node:assert/strict";
import { HeaderBlock } from "../../src/hpack/header-block.js";
import { ErrorCode } from "../../src/http2/error-code.js";
import { LoneSession } from "../http2/lone-session.js";
import { frames, frameType, hpackLiterals, settingId } from "../support/frames.js";
import { SessionPair } from "../support/session-pair.js";
import { ClientFixture, outcome, responseHeaders, responseMessage, trailers } from "../transport/client-fixture.js";
import { answer, open } from "../transport/server-fixture.js";
import { text } from "../transport/text-method.js";

const request = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m", ":authority", "a"]);
const response = new HeaderBlock([":status", "200"]);

/** How much the frames that were sent give back to the connection's window. */
function returned(lone: LoneSession): number {
  let sum = 0;
  for (const { type, streamId, payload } of lone.sentFrames()) {
    if (type === frameType.WINDOW_UPDATE && streamId === 0) sum += payload.readUInt32BE(0);
  }
  return sum;
}

describe("Regressions: hyperium/h2", () => {
  it("R19 h2 0.4.15 #914: 255 bytes of padding around nothing do not overflow, on DATA and on HEADERS", () => {
    const lone = LoneSession.open("server");
    assert.deepEqual(lone.feed(frames.headers(1).request().padded(255)), ["headers 1"]);
    for (const size of [0, 1, 255, 256]) {
      const events = size === 0 ? [] : [`data 1 ${size} bytes`];
      assert.deepEqual(lone.feed(frames.data(1, size).padded(255)), events);
    }
    assert.deepEqual(lone.feed(frames.data(1, 0).padded(255).endStream()), ["data 1 0 bytes END_STREAM"]);
  });

  it("R20 h2 0.4.15 #909: 24,577 different header fields in one block do not crash the reader", () => {
    const limits = { maxHeaderListBytes: 16 << 20, maxFrameBytes: 1 << 20 };
    const fields = Array.from({ length: 24_577 }, (_, i) => hpackLiterals(`h${i}`, ""));
    const start = hpackLiterals(":method", "POST", ":scheme", "http", ":path", "/s/m");
    const block = Buffer.concat([start, ...fields]);
    for (const maxHeaderFields of [24_000, 100_000]) {
      const lone = LoneSession.open("server", { ...limits, maxHeaderFields });
      const events = lone.feed(frames.headers(1).block(block));
      assert.deepEqual(events, maxHeaderFields > 24_577 ? ["headers 1"] : []);
      assert.deepEqual(lone.sent(), maxHeaderFields > 24_577 ? [] : ["RST_STREAM 1 ENHANCE_YOUR_CALM"]);
      assert.deepEqual(lone.feed(frames.headers(3).request()), ["headers 3"]);
    }
    const small = LoneSession.open("server", { maxFrameBytes: 1 << 20 });
    small.feed(frames.headers(1).block(block));
    assert.deepEqual(small.sent(), ["GOAWAY 0 COMPRESSION_ERROR"], "over four times the default limit");
  });

  it("R22 h2 0.4.14: a call that is cancelled while its data waits takes none of the connection's window with it", () => {
    const pair = SessionPair.open();
    const { client, server } = pair;
    server.handle = () => undefined;
    for (let round = 0; round < 40; round++) {
      // More than the window of the connection: a part has gone, the rest waits when the call is cancelled.
      const ids = [1, 2, 3].map(() => client.session.openStream(request, false) as number);
      for (const id of ids) client.sendMessage(id, Buffer.alloc(600_000));
      pair.drive();
      for (const id of ids) client.session.resetStream(id, ErrorCode.CANCEL);
      pair.drive();
      for (const event of server.drainEvents()) {
        if (event.type === "data") server.session.releaseWindow(event.streamId, event.end - event.start);
      }
      pair.drive();
    }
    const last = client.session.openStream(request, false) as number;
    server.handle = (event) => {
      if (event.type === "data") server.session.releaseWindow(event.streamId, event.end - event.start);
    };
    client.sendMessage(last, Buffer.alloc(3_000_000), true);
    pair.drive();
    const received = server.events.reduce(
      (sum, event) => sum + (event.type === "data" ? event.end - event.start : 0),
      0,
    );
    assert.equal(received, 3_000_000);
  });

  it("R23 h2 0.4.14: DATA behind GOAWAY comes to its stream, and what is ignored is given back to the connection", () => {
    const client = LoneSession.open("client");
    client.session.openStream(request, true);
    client.sent();
    client.feed(frames.goAway(1, 0), frames.headers(1).response());
    assert.deepEqual(client.feed(frames.data(1, 16_384)), ["data 1 16384 bytes"]);
    assert.deepEqual(client.feed(frames.data(1, 9).endStream()), ["data 1 9 bytes END_STREAM"]);

    const windows = { connectionWindowBytes: 65_535, streamWindowBytes: 65_535 };
    const server = LoneSession.open("server", windows);
    server.session.drain(0);
    server.feed(frames.pingAck(Buffer.from("godwit\0\x01")));
    server.sent();
    assert.ok(server.session.drained);
    let given = 0;
    server.feed(frames.headers(1).request());
    for (let i = 0; i < 40; i++) {
      assert.deepEqual(server.feed(frames.data(1, 10_000).padded(100)), []);
      given += returned(server);
    }
    assert.ok(40 * 10_101 - given < 32_768, `${given} of ${40 * 10_101} came back`);
    assert.ok(!server.session.closed);
  });

  it("R24 h2 0.4.16: whoever waits for trailers is woken, however they come", () => {
    for (const pulls of [0, 1, 2]) {
      for (const withMessage of [true, false]) {
        const parts = [responseHeaders(), ...(withMessage ? [responseMessage("m")] : []), trailers(5)];
        for (const chunkBytes of [1, 7, 65_536]) {
          const fixture = new ClientFixture({ chunkBytes });
          const call = fixture.openCall();
          call.stream.pull(pulls);
          for (const part of parts) fixture.server.send(part);
          if (pulls === 0) call.stream.pull(1);
          fixture.platform.runTurns();
          assert.equal(outcome(call), "NOT_FOUND:  (processed)");
        }
      }
    }
  });

  it("R26 h2 0.4.5, 0.4.20: a shutdown that crosses with the end of the last call does not hang", () => {
    type Act = (world: { client: ClientFixture; call: ReturnType<ClientFixture["openCall"]> }) => void;
    const acts: Record<string, Act> = {
      "we drain": ({ client }) => client.transport.drain(),
      "the server drains": ({ client }) => client.server.send(frames.goAway(1, ErrorCode.NO_ERROR)),
      "the call is answered": ({ client }) => client.server.send(responseHeaders(), trailers()),
      "the call is cancelled": ({ call }) => call.stream.cancel({ code: 1, message: "enough" }),
      "the server resets": ({ client }) => client.server.send(frames.rst(1, ErrorCode.CANCEL)),
    };
    const names = Object.keys(acts);
    for (const first of names) {
      for (const second of names) {
        for (const third of names) {
          const client = new ClientFixture();
          const call = client.openCall();
          for (const name of [first, second, third]) acts[name]?.({ client, call });
          if (![first, second, third].some((name) => name.endsWith("drain") || name.endsWith("drains"))) {
            client.transport.drain();
          }
          call.stream.cancel({ code: 1, message: "at last" });
          client.platform.runTurns();
          const order = `${first}, ${second}, ${third}`;
          assert.ok(client.server.ended, `${order}: the client has closed its end`);
          client.server.end();
          assert.ok(call.response.status !== undefined, order);
          assert.equal(client.heard.filter((what) => what.startsWith("closed")).length, 1, order);
          client.platform.assertQuiet();
        }
      }
    }
  });

  it("R27 h2 0.4.16: output of which nothing may be written now does not make the writer spin", () => {
    const lone = LoneSession.open("client");
    lone.session.openStream(request, false);
    lone.session.sendData(1, Buffer.alloc(100), true);
    assert.ok(Buffer.concat(lone.session.takeOutput(0)).length > 0, "HEADERS");
    assert.deepEqual(lone.session.takeOutput(0), []);
    assert.deepEqual(lone.sent(), ["DATA 1 100 bytes END_STREAM"]);

    const { fixture, call } = open({ writeLimitBytes: 1, settings: [settingId.INITIAL_WINDOW_SIZE, 0x7fffffff] });
    fixture.link.freeze();
    answer(call, "x".repeat(100_000));
    // A turn that schedules itself again for a stream that takes nothing would never let the world come to rest.
    assert.ok(fixture.platform.runTurns() < 100);
    fixture.link.thaw();
    call.sink.onMessage(text("more"));
    assert.ok(fixture.platform.runTurns() < 1000);
  });

  it("R21 h2 0.4.15: frames on a stream whose HEADERS have not been sent do not bring it to life", () => {
    for (const part of [
      frames.headers(3).response(),
      frames.data(3, 10),
      frames.rst(3, ErrorCode.NO_ERROR),
      frames.windowUpdate(3, 1),
    ]) {
      const lone = LoneSession.open("client", {}, settingId.MAX_CONCURRENT_STREAMS, 1);
      lone.session.openStream(request, false);
      assert.equal(lone.session.openStream(request, false), undefined, "the second call waits for a place");
      lone.sent();
      const events = lone.feedEvents(part);
      assert.match(LoneSession.closedMessage(events), /on stream 3, which is idle/);
      assert.deepEqual(lone.sent(), ["GOAWAY 0 PROTOCOL_ERROR"]);

      const unsent = LoneSession.open("client");
      for (const id of [1, 3]) assert.equal(unsent.session.openStream(request, false), id);
      const unsentEvents = unsent.feedEvents(part);
      assert.match(LoneSession.closedMessage(unsentEvents), /on stream 3, which is idle/);
      assert.equal(unsentEvents.length, 1, "no word of the calls before the connection's end");
    }
  });

  it("R18 h2 0.4.2 RUSTSEC-2024-0003: requests that we have to reset do not come without end", () => {
    const { fixture } = open();
    fixture.handlers.calls.length = 0;
    let id = 3;
    for (; !fixture.client.ended && id < 10_000; id += 2) {
      fixture.client.send(frames.headers(id).request("/test.v1.Text/Talk", "BAD", "x"));
      fixture.platform.advance(1);
    }
    assert.ok(id < 600, `the connection ended after ${id >> 1} requests`);
    fixture.client.end();
    assert.match(fixture.closed.join(), /streams ended too early within 10 seconds, limit 200 .*maxPrematureResets/);
    assert.match(fixture.client.sentOfCalls().at(-1) ?? "", /^GOAWAY \d+ ENHANCE_YOUR_CALM$/);
    assert.deepEqual(fixture.handlers.calls, []);
  });

  it("R62 h2 0.4.14, 0.4.15: a reset keeps its place: behind HEADERS that wait, and not in front of DATA that was promised", () => {
    const client = LoneSession.open("client");
    client.session.openStream(request, false);
    client.session.resetStream(1, ErrorCode.CANCEL);
    assert.deepEqual(client.sent(), ["HEADERS 1", "RST_STREAM 1 CANCEL"]);

    const server = LoneSession.open("server");
    server.feed(frames.headers(1).request());
    server.session.sendHeaders(1, response, false);
    server.sendMessage(1, Buffer.alloc(100_000));
    server.session.sendHeaders(1, new HeaderBlock(["grpc-status", "0"]), true);
    server.session.resetBehindQueue(1, ErrorCode.NO_ERROR);
    const first = server.sent();
    assert.ok(
      first.every((frame) => !frame.startsWith("RST_STREAM")),
      first.join(),
    );
    server.feed(frames.windowUpdate(1, 100_000), frames.windowUpdate(0, 100_000));
    assert.deepEqual(server.sent().slice(-2), ["HEADERS 1 END_STREAM", "RST_STREAM 1 NO_ERROR"]);
  });

  it("R63 h2 0.4.16: a reset behind the end of a response does not take the response back", () => {
    const fixture = new ClientFixture();
    const call = fixture.openCall();
    fixture.server.send(responseHeaders(), responseMessage("whole"), trailers(), frames.rst(1, ErrorCode.NO_ERROR));
    call.stream.pull(2);
    assert.deepEqual(call.response.events, ["headers", "message whole", "status OK"]);
  });

  it("R74 h2 0.4.20: GOAWAY on a stream, a response without :status and two content-lengths do not go through", () => {
    const goAway = frames.raw(frameType.GOAWAY, 0, 1, Buffer.alloc(8));
    for (const role of ["client", "server"] as const) {
      const lone = LoneSession.open(role);
      assert.equal(LoneSession.closedMessage(lone.feedEvents(goAway)), "GOAWAY frame on stream 1");
      assert.deepEqual(lone.sent(), ["GOAWAY 0 PROTOCOL_ERROR"]);
    }
    for (const fields of [[], ["a", "b"], ["content-type", "application/grpc", "grpc-status", "0"]]) {
      const client = LoneSession.open("client");
      client.session.openStream(request, true);
      client.sent();
      const answer = frames
        .headers(1)
        .fields(...fields)
        .endStream();
      assert.deepEqual(client.feed(answer), ["reset 1 PROTOCOL_ERROR local"]);
    }
    const server = LoneSession.open("server");
    server.feed(frames.headers(1).request("/s/m", "content-length", "1", "content-length", "2"));
    assert.deepEqual(server.sent(), ["RST_STREAM 1 PROTOCOL_ERROR"]);
  });
});
