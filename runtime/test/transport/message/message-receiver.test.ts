import assert from "node:assert/strict";
import { constants } from "node:buffer";
import type { Status } from "../../../src/rpc/status.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { frames } from "../../support/frames.js";
import {
  answered,
  ClientFixture,
  outcome,
  responseHeaders,
  responseMessage,
  smallWindows,
  trailers,
} from "../client-fixture.js";
import { framed, textCodec, textMethod } from "../text-method.js";

const cancelled: Status = { code: StatusCode.CANCELLED, message: "enough" };

describe("message receiver", () => {
  describe("windows", () => {
    it("of messages that were not asked for stay closed", () => {
      const fixture = new ClientFixture({ limits: smallWindows });
      const { stream, response } = fixture.openCall();
      const filler = framed("x".repeat(16_000));
      fixture.server.send(responseHeaders(), ...[1, 2, 3, 4].map(() => frames.data(1, filler)));
      assert.deepEqual(fixture.server.windows(), {});
      stream.pull(1);
      assert.deepEqual(fixture.server.windows(), {}, "half a window is not owed yet");
      stream.pull(2);
      assert.deepEqual(fixture.server.windows(), { 0: 48_015, 1: 48_015 });
      assert.equal(response.messages.length, 3);
    });

    it("of messages that were not asked for hold that of the connection only above a limit", () => {
      const fixture = new ClientFixture({ limits: { ...smallWindows, maxUnreadBytes: 60_000 } });
      const first = fixture.openCall();
      fixture.openCall();
      const filler = framed("x".repeat(16_000));
      fixture.server.send(responseHeaders(), ...[1, 2, 3].map(() => frames.data(1, filler)));
      assert.deepEqual(fixture.server.windows(), { 0: 48_015 });
      fixture.server.send(
        frames.headers(3).response(200, "content-type", "application/grpc"),
        ...[1, 2, 3].map(() => frames.data(3, filler)),
      );
      assert.deepEqual(fixture.server.windows(), {}, "11985 more are owed, 36030 are held");
      first.stream.pull(3);
      assert.deepEqual(fixture.server.windows(), { 0: 48_015, 1: 48_015 });
      first.stream.cancel(cancelled);
      assert.deepEqual(fixture.server.windows(), {});
    });

    it("let a message pass that is larger than all of them, once it was asked for", () => {
      const fixture = new ClientFixture({ limits: smallWindows });
      const { stream, response } = fixture.openCall();
      stream.pull(1);
      const value = "x".repeat(1_000_000);
      const bytes = framed(value);
      fixture.server.send(responseHeaders());
      let [window, connectionWindow] = [65_535, 65_535];
      for (let at = 0; at < bytes.length; ) {
        const size = Math.min(window, connectionWindow, 16_384, bytes.length - at);
        assert.ok(size > 0, `stuck at ${at}`);
        fixture.server.send(frames.data(1, bytes.subarray(at, at + size)));
        at += size;
        const updates = fixture.server.windows();
        window += (updates[1] ?? 0) - size;
        connectionWindow += (updates[0] ?? 0) - size;
      }
      assert.ok(window + 16_384 * 2 >= 65_535, `${window} of the stream's window are left`);
      fixture.server.send(trailers());
      assert.equal((response.messages[0] as { value: string }).value, value);
      assert.equal(response.status?.code, StatusCode.OK);
    });

    it("of a stream open at once for all of a message that was asked for", () => {
      const fixture = new ClientFixture({ limits: smallWindows });
      const { stream, response } = fixture.openCall();
      const bytes = framed("x".repeat(300_000));
      fixture.server.send(responseHeaders(), frames.data(1, bytes.subarray(0, 1000)));
      assert.deepEqual(fixture.server.windows(), {}, "nobody has asked for it");
      stream.pull(1);
      assert.deepEqual(fixture.server.windows(), { 1: bytes.length - 65_535 });
      for (let at = 1000; at < bytes.length; at += 16_000) {
        fixture.server.send(frames.data(1, bytes.subarray(at, at + 16_000)));
      }
      assert.equal(response.messages.length, 1);
      const { 1: givenBack = 0 } = fixture.server.windows();
      assert.ok(givenBack <= 65_535, `${givenBack}: what was granted ahead is not given back again`);
    });

    it("open ahead for no more than messages that have come in part may take", () => {
      const limits = { ...smallWindows, maxIncompleteBytes: 200_000 };
      const fixture = new ClientFixture({ limits });
      const calls = [1, 3].map(() => fixture.openCall().stream);
      const bytes = framed("x".repeat(300_000));
      const begin = (id: number) => [
        frames.headers(id).response(200, "content-type", "application/grpc"),
        frames.data(id, bytes.subarray(0, 1000)),
      ];
      fixture.server.send(...begin(1), ...begin(3));
      for (const stream of calls) stream.pull(1);
      assert.deepEqual(fixture.server.windows(), { 1: 200_000 - 64_535 });
      calls[0]?.cancel(cancelled);
      assert.deepEqual(fixture.server.windows(), {});
      const { stream } = fixture.openCall();
      fixture.server.send(...begin(5));
      stream.pull(1);
      assert.deepEqual(fixture.server.windows(), { 5: 200_000 - 64_535 }, "there is room again");
    });

    it("are given back when a message was decompressed elsewhere, though nothing else happens", () => {
      const fixture = new ClientFixture({ limits: smallWindows });
      fixture.compressor.isHeld = true;
      const { stream, response } = fixture.openCall();
      stream.pull(10);
      const large = `<${"x".repeat(16_000)}>`;
      fixture.server.send(responseHeaders("grpc-encoding", "gzip"), ...[1, 2, 3].map(() => responseMessage(large, 1)));
      fixture.server.take();
      for (let i = 0; i < 3; i++) fixture.compressor.finishNext();
      assert.equal(response.messages.length, 3);
      assert.deepEqual(fixture.server.windows(), { 0: 3 * 16_007, 1: 3 * 16_007 });
    });
  });

  describe("the receive limit", () => {
    it("refuses a message by its prefix, before it has come", () => {
      const fixture = new ClientFixture({ limits: { maxReceiveMessageBytes: 100 } });
      const call = fixture.openCall();
      call.stream.pull(1);
      fixture.server.send(responseHeaders(), frames.data(1, framed("x".repeat(101)).subarray(0, 5)));
      assert.equal(
        outcome(call),
        "RESOURCE_EXHAUSTED: response message is 101 bytes, limit 100 (maxReceiveMessageBytes) (processed)",
      );
      assert.deepEqual(fixture.server.sentOfCalls(), ["RST_STREAM 1 CANCEL"]);
    });

    it("lets pass what fits exactly, and may be the call's own", () => {
      const fixture = new ClientFixture({ limits: { maxReceiveMessageBytes: 100 } });
      const fits = fixture.openCall();
      fits.stream.pull(1);
      fixture.server.send(responseHeaders(), responseMessage("x".repeat(100)), trailers());
      assert.equal(fits.response.status?.code, StatusCode.OK);
      const own = fixture.openCall({}, { maxResponseBytes: 3 });
      own.stream.pull(1);
      fixture.server.send(
        frames.headers(3).response(200, "content-type", "application/grpc"),
        frames.data(3, framed("four")),
      );
      assert.equal(
        outcome(own),
        "RESOURCE_EXHAUSTED: response message is 4 bytes, limit 3 (maxReceiveMessageBytes) (processed)",
      );
    });

    it("holds for what a message decompresses to", () => {
      const fixture = new ClientFixture();
      fixture.compressor.isHeld = true;
      const bomb = fixture.openCall({}, { maxResponseBytes: 5 });
      bomb.stream.pull(1);
      fixture.server.send(responseHeaders("grpc-encoding", "gzip"), responseMessage("<x>", 1));
      fixture.compressor.finishNext({ ok: false, reason: "tooLarge", message: "" });
      assert.equal(
        outcome(bomb),
        "RESOURCE_EXHAUSTED: response message is more than 5 bytes when decompressed (maxReceiveMessageBytes) (processed)",
      );
    });
  });

  it("says of a string that is too long for the engine that it is too much, not that it is wrong", () => {
    const responseCodec = {
      ...textCodec,
      decode: () => Buffer.alloc(constants.MAX_STRING_LENGTH + 1).toString(),
    };
    const fixture = new ClientFixture();
    const call = fixture.openCall({ method: { ...textMethod, responseCodec } });
    call.stream.pull(2);
    fixture.server.send(responseHeaders(), responseMessage("a"));
    assert.match(
      outcome(call) ?? "",
      /^RESOURCE_EXHAUSTED: response message of 1 bytes does not decode: Cannot create a string /,
    );
  });

  describe("compressed messages", () => {
    const gzip = responseHeaders("grpc-encoding", "gzip");

    it("may come together with plain ones", () => {
      const { call } = answered([
        gzip,
        responseMessage("<a>", 1),
        responseMessage("b"),
        responseMessage("<c>", 1),
        trailers(),
      ]);
      assert.deepEqual(call.response.events, ["headers", "message a", "message b", "message c", "status OK"]);
    });

    it("keep their order while they are worked on, and the status waits", () => {
      const fixture = new ClientFixture();
      fixture.compressor.isHeld = true;
      const { stream, response } = fixture.openCall();
      stream.pull(10);
      fixture.server.send(gzip, responseMessage("<a>", 1), responseMessage("b"), responseMessage("<c>", 1), trailers());
      assert.deepEqual(response.events, ["headers"]);
      assert.equal(fixture.compressor.jobs.length, 1, "one at a time");
      fixture.compressor.finishNext();
      assert.deepEqual(response.events, ["headers", "message a", "message b"]);
      fixture.compressor.finishNext();
      assert.deepEqual(response.events, ["headers", "message a", "message b", "message c", "status OK"]);
    });

    it("are worked on no further than was asked for", () => {
      const fixture = new ClientFixture();
      fixture.compressor.isHeld = true;
      const { stream, response } = fixture.openCall();
      stream.pull(1);
      fixture.server.send(gzip, responseMessage("<a>", 1), responseMessage("<b>", 1), trailers());
      fixture.compressor.finishNext();
      assert.deepEqual(response.events, ["headers", "message a"]);
      assert.equal(fixture.compressor.jobs.length, 0);
      stream.pull(1);
      assert.equal(fixture.compressor.jobs.length, 1);
      fixture.compressor.finishNext();
      assert.deepEqual(response.events.slice(2), ["message b", "status OK"]);
    });

    it("are given up when the call ends", () => {
      const fixture = new ClientFixture();
      fixture.compressor.isHeld = true;
      const { stream } = fixture.openCall();
      stream.pull(1);
      fixture.server.send(gzip, responseMessage("<a>", 1));
      assert.equal(fixture.compressor.jobs.length, 1);
      stream.cancel(cancelled);
      assert.equal(fixture.compressor.jobs.length, 0);
      assert.deepEqual(fixture.server.sentOfCalls(), ["RST_STREAM 1 CANCEL"]);
    });

    it("that cannot be given up when the call ends are forgotten", () => {
      const fixture = new ClientFixture({ limits: smallWindows });
      fixture.compressor.isHeld = true;
      fixture.compressor.isCancellable = false;
      const { stream, response } = fixture.openCall();
      stream.pull(1);
      const large = `<${"x".repeat(16_300)}>`;
      fixture.server.send(gzip, responseMessage(large, 1), responseMessage(large, 1), responseMessage(large, 1));
      fixture.server.take();
      stream.cancel(cancelled);
      assert.equal(fixture.server.windows()[0], 3 * 16_307);
      fixture.compressor.finishNext();
      assert.deepEqual(response.events, ["headers", "status CANCELLED"]);
      assert.deepEqual(fixture.server.windows(), {});
    });

    it("that fail while they are worked on tell the server at once", () => {
      const fixture = new ClientFixture();
      fixture.compressor.isHeld = true;
      const call = fixture.openCall();
      call.stream.pull(1);
      fixture.server.send(gzip, responseMessage("x", 1));
      fixture.compressor.finishNext();
      assert.equal(outcome(call), "INTERNAL: response message does not decompress: no angle (processed)");
      assert.deepEqual(fixture.server.sentOfCalls(), ["RST_STREAM 1 INTERNAL_ERROR"]);
    });
  });
});
