import assert from "node:assert/strict";
import { ErrorCode } from "../../src/http2/error-code.js";
import { describeEvent, LoneSession } from "../http2/lone-session.js";
import { bytesOf, frames, hpackLiterals, type Part } from "../support/frames.js";
import { request, ServerFixture } from "../transport/server-fixture.js";

/** A header block in a HEADERS frame and so many CONTINUATION frames, the last one with END_HEADERS. */
function block(id: number, continuations: number): Part[] {
  const parts: Part[] = [frames.headers(id).request().endStream().unfinished()];
  for (let i = 1; i <= continuations; i++) {
    const frame = frames.continuation(id, hpackLiterals(`x-${i}`, "y"));
    parts.push(i === continuations ? frame.endHeaders() : frame);
  }
  return parts;
}

describe("Regressions: nghttp2", () => {
  it("R28 nghttp2 CVE-2026-27135: input behind the end, malformed or not, does not trip an assertion", () => {
    const malformed = [
      frames.raw(6, 0, 0, Buffer.alloc(3)),
      frames.raw(4, 0, 0, Buffer.alloc(5)),
      frames.raw(8, 0, 0, Buffer.alloc(5)),
      frames.raw(0, 0, 1, Buffer.alloc(0), 0xffffff),
      frames.headers(1).block(Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)),
    ];
    for (const role of ["client", "server"] as const) {
      for (const part of malformed) {
        const lone = LoneSession.open(role);
        // The end comes while the chunk that holds the malformed frame is being read.
        lone.session.receive(bytesOf(frames.settings(), part, frames.ping()), 0);
        assert.equal(lone.session.nextEvent()?.type, "settings");
        lone.session.close(ErrorCode.NO_ERROR, "enough");
        assert.deepEqual(lone.events(), ["closed NO_ERROR local"]);
        for (let type = 0; type < 12; type++) lone.feed(frames.raw(type, 0xff, 1, Buffer.alloc(9)), part);
        lone.session.receiveEnd(0);
        assert.deepEqual(lone.events(), []);
        assert.deepEqual(lone.sent(), ["GOAWAY 0 NO_ERROR", "SETTINGS ACK"]);
      }
    }
  });

  it("R29 nghttp2 CVE-2024-28182: a header block that nobody wants any more is no way to send CONTINUATION without end", () => {
    const unwanted: Record<string, (lone: LoneSession) => number> = {
      "of a stream that we reset": (lone) => {
        lone.feed(frames.headers(1).request());
        lone.session.resetStream(1, ErrorCode.CANCEL);
        return 1;
      },
      "of a stream that the client reset": (lone) => {
        lone.feed(frames.headers(1).request(), frames.rst(1, ErrorCode.CANCEL));
        return 1;
      },
      "of a stream above the limit": (lone) => {
        lone.feed(frames.headers(1).request());
        return 3;
      },
      "of a stream above the last that we announced": (lone) => {
        lone.session.drain(0);
        lone.session.handleTimeout(1e6);
        return 5;
      },
    };
    for (const [what, prepare] of Object.entries(unwanted)) {
      const lone = LoneSession.open("server", { maxConcurrentStreams: 1 });
      const id = prepare(lone);
      assert.deepEqual(lone.events(), [], what);
      lone.sent();
      const events = lone.feedEvents(...block(id, 9));
      assert.equal(LoneSession.closedMessage(events), "header block has more than 8 CONTINUATION frames", what);
      assert.match(lone.sent().join(), /^GOAWAY \d+ ENHANCE_YOUR_CALM$/, what);
    }
  });

  it("R30 nghttp2 #2817: CONTINUATION frames are counted by frames, not by the reads that they come in", () => {
    for (const size of [1, 2, 5, 9, 1000]) {
      const lone = LoneSession.open("server");
      const bytes = bytesOf(...block(1, 8));
      const events: string[] = [];
      for (let at = 0; at < bytes.length; at += size) events.push(...lone.feed(bytes.subarray(at, at + size)));
      assert.deepEqual(events, ["headers 1 END_STREAM"], `${size} bytes a read`);
    }
  });

  it("R31 nghttp2, a cap on outbound frames: answers that a peer does not read are not queued without end", () => {
    const provocations: Record<string, (i: number) => Part> = {
      PING: () => frames.ping(),
      SETTINGS: () => frames.settings(),
      "malformed requests": (i) => request(2 * i + 1, "BAD", "x"),
    };
    for (const [what, part] of Object.entries(provocations)) {
      const never = Number.POSITIVE_INFINITY;
      const fixture = new ServerFixture({
        limits: { maxPings: never, maxSettingsPerSecond: never, maxPrematureResets: never },
        writeLimitBytes: 1000,
        receiveBufferBytes: 4096,
      });
      fixture.client.pause();
      let bytes = 0;
      for (let i = 0; i < 20_000; i++) {
        const frame = bytesOf(part(i));
        bytes += frame.length;
        fixture.client.send(frame);
      }
      // What the server does not read stays where it came from.
      const read = bytes - fixture.link.client.pendingBytes;
      assert.ok(read < 150_000, `${what}: ${read} of ${bytes} bytes were taken`);
      assert.deepEqual(fixture.closed, []);
      fixture.client.resume();
      fixture.platform.runTurns();
      assert.ok(fixture.client.take().length >= 20_000, `${what}: all are answered once they are read`);
    }
  });

  it("R64 nghttp2 #2870: GOAWAY does not call unprocessed a stream that was delivered while it waited to be sent", () => {
    const lone = LoneSession.open("server");
    lone.session.drain(0);
    const [first] = lone.sent();
    assert.equal(first, "GOAWAY 2147483647 NO_ERROR");
    const delivered = lone.feedEvents(
      frames.headers(1).request(),
      frames.pingAck(Buffer.from("godwit\0\x01")),
      frames.headers(3).request(),
      frames.headers(5).request(),
    );
    const ids = delivered.map((event) => (event.type === "headers" ? event.streamId : 0));
    const last = lone.sent().filter((frame) => frame.startsWith("GOAWAY"));
    // Streams that came with the answer are taken: it may have overtaken them.
    assert.deepEqual(
      [delivered.map(describeEvent), last],
      [["headers 1", "headers 3", "headers 5"], ["GOAWAY 5 NO_ERROR"]],
    );
    assert.ok(Math.max(...ids) <= 5);
    assert.deepEqual(lone.feed(frames.headers(7).request()), []);
    lone.session.close(ErrorCode.INTERNAL_ERROR, "a bug");
    assert.deepEqual(lone.sent(), ["GOAWAY 5 INTERNAL_ERROR"]);
  });
});
