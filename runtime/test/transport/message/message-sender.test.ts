import assert from "node:assert/strict";
import type { ByteSink } from "../../../src/base/byte-sink.js";
import type { Status } from "../../../src/rpc/status.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { uncompressed } from "../../../src/rpc/uncompressed.js";
import { frames, settingId } from "../../support/frames.js";
import { ClientFixture, outcome, responseHeaders, responseMessage, trailers } from "../client-fixture.js";
import { text, textCodec, textMethod } from "../text-method.js";

const cancelled: Status = { code: StatusCode.CANCELLED, message: "enough" };

describe("message sender", () => {
  describe("plain", () => {
    it("go as length-prefixed messages, the last one with END_STREAM", () => {
      const fixture = new ClientFixture();
      const { stream } = fixture.openCall();
      assert.equal(stream.send(text("one"), false), true);
      stream.send(text(""), false);
      stream.send(text("two"), true);
      assert.deepEqual(fixture.server.sent(), [
        'DATA 1 8 bytes "\\u0000\\u0000\\u0000\\u0000\\u0003one"',
        'DATA 1 5 bytes "\\u0000\\u0000\\u0000\\u0000\\u0000"',
        'DATA 1 8 bytes END_STREAM "\\u0000\\u0000\\u0000\\u0000\\u0003two"',
      ]);
      assert.equal(stream.send(text("three"), false), true);
      stream.finish();
      assert.deepEqual(fixture.server.sent(), []);
    });

    it("leave with their headers, in one write", () => {
      const fixture = new ClientFixture();
      const { stream } = fixture.call();
      stream.send(text("one"), true);
      let chunks = 0;
      const { server } = fixture;
      const onData = server.onData.bind(server);
      server.onData = (chunk) => {
        chunks++;
        onData(chunk);
      };
      fixture.platform.runTurns();
      assert.equal(chunks, 1);
      assert.equal(server.take().length, 2);
    });

    it("end with an empty frame when there is no last message", () => {
      const fixture = new ClientFixture();
      const { stream } = fixture.openCall();
      stream.finish();
      stream.finish();
      assert.deepEqual(fixture.server.sent(), ['DATA 1 0 bytes END_STREAM ""']);
    });

    it("ask their sender to wait at 64 KiB unsent, and tell it once when to go on", () => {
      const fixture = new ClientFixture({ settings: [settingId.INITIAL_WINDOW_SIZE, 0] });
      const { stream, response } = fixture.openCall();
      const large = text("x".repeat(20_000));
      assert.deepEqual(
        [1, 2, 3, 4, 5].map(() => stream.send(large, false)),
        [true, true, true, false, false],
      );
      assert.deepEqual(fixture.server.sent(), []);
      fixture.server.send(frames.windowUpdate(1, 30_000));
      assert.deepEqual(response.events, []);
      fixture.server.send(frames.windowUpdate(1, 45_000), frames.windowUpdate(0, 20_000));
      assert.deepEqual(response.events, ["writable"]);
      fixture.server.send(frames.windowUpdate(1, 1_000_000), frames.windowUpdate(0, 1_000_000));
      assert.deepEqual(response.events, ["writable"]);
      assert.equal(stream.send(text("small"), true), true);
      const data = fixture.server.take();
      assert.equal(
        data.reduce((sum, { payload }) => sum + payload.length, 0),
        5 * 20_005 + 10,
      );
      assert.equal(data.at(-1)?.flags, 1);
    });

    it("that do not encode end the call, and nothing of them is sent", () => {
      const fixture = new ClientFixture();
      const call = fixture.openCall();
      call.stream.send(text("fine"), false);
      assert.equal(call.stream.send(text("unencodable"), false), true);
      assert.equal(outcome(call), "INTERNAL: request message does not encode: no such text (unknown)");
      assert.deepEqual(call.response.status?.cause, new Error("no such text"));
      assert.deepEqual(fixture.server.sent().slice(1), ["RST_STREAM 1 INTERNAL_ERROR"]);
    });

    it("that are too large end the call, with both sizes", () => {
      const fixture = new ClientFixture({ limits: { maxSendMessageBytes: 10 } });
      const fits = fixture.openCall();
      fits.stream.send(text("x".repeat(10)), false);
      assert.equal(fits.response.status, undefined);
      const call = fixture.openCall();
      call.stream.send(text("x".repeat(11)), true);
      assert.equal(outcome(call), "RESOURCE_EXHAUSTED: request message is 11 bytes, limit 10 (unknown)");
      const smaller = fixture.openCall({}, { maxRequestBytes: 3 });
      smaller.stream.send(text("four"), true);
      assert.equal(outcome(smaller), "RESOURCE_EXHAUSTED: request message is 4 bytes, limit 3 (unknown)");
      assert.deepEqual(
        fixture.server.sentOfCalls().filter((line) => line.startsWith("RST_STREAM")),
        ["RST_STREAM 5 CANCEL"],
      );
    });

    it("that are larger than a prefix can say end the call, whatever the limit", () => {
      const gibibyte = new Uint8Array(1 << 30);
      const requestCodec = {
        ...textCodec,
        encode: (_: unknown, sink: ByteSink) => {
          for (let i = 0; i < 4; i++) sink.append(gibibyte);
        },
      };
      const fixture = new ClientFixture();
      const call = fixture.openCall({ method: { ...textMethod, requestCodec } });
      call.stream.send(text(""), true);
      assert.equal(
        outcome(call),
        "RESOURCE_EXHAUSTED: request message is 4294967296 bytes, limit 4294967295 (unknown)",
      );
      assert.deepEqual(fixture.server.sent(), ["RST_STREAM 1 CANCEL"]);
    });

    it("stop as soon as the answer is complete, though nobody has read it", () => {
      const fixture = new ClientFixture();
      const call = fixture.openCall();
      fixture.server.send(responseHeaders(), responseMessage("a"), trailers());
      assert.equal(call.stream.send(text("late"), false), false);
      assert.deepEqual(fixture.server.sentOfCalls(), []);
      call.stream.pull(2);
      assert.deepEqual(call.response.events, ["headers", "message a", "status OK"]);
      assert.deepEqual(fixture.server.sentOfCalls(), ["RST_STREAM 1 NO_ERROR"]);
    });
  });

  describe("compressed", () => {
    const gzip = { compression: "gzip" };

    function data(fixture: ClientFixture): string[] {
      return fixture.server.sentOfCalls().map((line) => line.replaceAll("\\u000", ""));
    }

    it("go with their flag set", () => {
      const fixture = new ClientFixture();
      const { stream } = fixture.openCall({}, gzip);
      assert.equal(stream.send(text("a"), false), true);
      assert.equal(stream.send(text("b"), true), true);
      assert.deepEqual(data(fixture), ['DATA 1 16 bytes END_STREAM "10003<a>10003<b>"']);
    });

    it("keep their order while they are worked on, and the end waits", () => {
      const fixture = new ClientFixture();
      fixture.compressor.isHeld = true;
      const { stream, response } = fixture.openCall({}, gzip);
      assert.equal(stream.send(text("a"), false), false);
      assert.equal(stream.send(text("b"), false), false, "sent all the same, it is kept");
      stream.finish();
      assert.equal(fixture.compressor.jobs.length, 1, "one at a time");
      assert.deepEqual(data(fixture), []);
      fixture.compressor.finishNext();
      assert.deepEqual(data(fixture), ['DATA 1 8 bytes "10003<a>"']);
      assert.deepEqual(response.events, [], "b is still worked on");
      fixture.compressor.finishNext();
      assert.deepEqual(data(fixture), ['DATA 1 8 bytes END_STREAM "10003<b>"']);
    });

    it("go as they are where that is asked of one, behind those that are worked on", () => {
      const fixture = new ClientFixture();
      fixture.compressor.isHeld = true;
      const { stream } = fixture.openCall({}, gzip);
      stream.send(text("a"), false);
      stream.send(uncompressed({ $typeName: "Text", ...text("b") }), true);
      assert.deepEqual(data(fixture), []);
      fixture.compressor.finishNext();
      assert.deepEqual(data(fixture), ['DATA 1 14 bytes END_STREAM "10003<a>00001b"']);
      assert.throws(() => uncompressed(text("a") as never), /^TypeError: uncompressed\(\) takes a message that create/);
    });

    it("tell their sender once when to go on", () => {
      const fixture = new ClientFixture();
      fixture.compressor.isHeld = true;
      const { stream, response } = fixture.openCall({}, gzip);
      assert.equal(stream.send(text("a"), false), false);
      fixture.compressor.finishNext();
      assert.deepEqual(response.events, ["writable"]);
      fixture.compressor.isHeld = false;
      assert.equal(stream.send(text("b"), false), true);
      assert.deepEqual(response.events, ["writable"]);
    });

    it("keep their order when their sender goes on amid those that were kept", () => {
      const fixture = new ClientFixture();
      const { compressor } = fixture;
      compressor.isHeld = true;
      const { stream, response } = fixture.openCall({}, gzip);
      for (const message of ["a", "b", "c"]) stream.send(text(message), false);
      compressor.isHeld = false;
      response.onEvent = (event) => {
        if (event === "writable") stream.send(text("d"), true);
      };
      compressor.finishNext();
      assert.deepEqual(response.events, ["writable"]);
      assert.deepEqual(data(fixture), ['DATA 1 32 bytes END_STREAM "10003<a>10003<b>10003<c>10003<d>"']);
    });

    it("wait for the window too", () => {
      const fixture = new ClientFixture({ settings: [settingId.INITIAL_WINDOW_SIZE, 0] });
      fixture.compressor.isHeld = true;
      const { stream, response } = fixture.openCall({}, gzip);
      assert.equal(stream.send(text("x".repeat(70_000)), false), false);
      fixture.compressor.finishNext();
      assert.deepEqual(response.events, []);
      fixture.server.send(frames.windowUpdate(1, 70_007), frames.windowUpdate(0, 70_007));
      assert.deepEqual(response.events, ["writable"]);
    });

    it("wait for the window too when one was kept behind another", () => {
      const fixture = new ClientFixture({ settings: [settingId.INITIAL_WINDOW_SIZE, 0] });
      const { compressor } = fixture;
      compressor.isHeld = true;
      const { stream, response } = fixture.openCall({}, gzip);
      stream.send(text("a"), false);
      stream.send(text("x".repeat(70_000)), false);
      compressor.isHeld = false;
      compressor.finishNext();
      assert.deepEqual(response.events, []);
      fixture.server.send(frames.windowUpdate(1, 80_000), frames.windowUpdate(0, 80_000));
      assert.deepEqual(response.events, ["writable"]);
    });

    it("are given up when their call is cancelled", () => {
      const fixture = new ClientFixture();
      fixture.compressor.isHeld = true;
      const { stream } = fixture.openCall({}, gzip);
      stream.send(text("a"), false);
      stream.send(text("b"), true);
      assert.equal(fixture.compressor.jobs.length, 1);
      stream.cancel(cancelled);
      assert.equal(fixture.compressor.jobs.length, 0);
      assert.deepEqual(data(fixture), ["RST_STREAM 1 CANCEL"]);
    });

    it("that are cancelled and cannot be given up are not sent", () => {
      const fixture = new ClientFixture();
      fixture.compressor.isHeld = true;
      fixture.compressor.isCancellable = false;
      const { stream } = fixture.openCall({}, gzip);
      stream.send(text("a"), false);
      stream.send(text("b"), true);
      stream.cancel(cancelled);
      assert.deepEqual(data(fixture), ["RST_STREAM 1 CANCEL"]);
      fixture.compressor.finishNext();
      assert.deepEqual(data(fixture), []);
      assert.equal(fixture.compressor.jobs.length, 0);
    });

    it("that cannot be compressed or encoded, or are too large, end the call", () => {
      const held = new ClientFixture();
      held.compressor.isHeld = true;
      const failing = held.openCall({}, gzip);
      failing.stream.send(text("a"), false);
      failing.stream.send(text("b"), true);
      held.compressor.finishNext({ ok: false, reason: "malformed", message: "out of memory" });
      assert.equal(outcome(failing), "INTERNAL: request message does not compress: out of memory (unknown)");
      assert.deepEqual(data(held), ["RST_STREAM 1 INTERNAL_ERROR"]);
      const fixture = new ClientFixture({ limits: { maxSendMessageBytes: 12 } });
      const wrong = fixture.openCall({}, gzip);
      wrong.stream.send(text("unencodable"), true);
      assert.equal(outcome(wrong), "INTERNAL: request message does not encode: no such text (unknown)");
      const large = fixture.openCall({}, gzip);
      large.stream.send(text("x".repeat(13)), true);
      assert.equal(outcome(large), "RESOURCE_EXHAUSTED: request message is 13 bytes, limit 12 (unknown)");
      assert.deepEqual(data(fixture).slice(-1), ["RST_STREAM 3 CANCEL"]);
    });
  });
});
