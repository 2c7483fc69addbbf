import assert from "node:assert/strict";
import type { ByteSink } from "../../src/base/byte-sink.js";
import { ErrorCode } from "../../src/http2/error-code.js";
import type { Status } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { bytesOf, type FrameBuilder, frames, type Part, settingId } from "../support/frames.js";
import { ClientFixture, outcome, serverPeer, type TestCall } from "./client-fixture.js";
import { framed, text, textCodec, textMethod } from "./text-method.js";

const cancelled: Status = { code: StatusCode.CANCELLED, message: "enough" };
const unlimited = [settingId.INITIAL_WINDOW_SIZE, 1 << 24];

/** A response's headers, message and trailers on stream 1. */
const headers = (...more: string[]): FrameBuilder =>
  frames.headers(1).response(200, "content-type", "application/grpc", ...more);
const message = (value: string, flag = 0): FrameBuilder => frames.data(1, framed(value, flag));
const trailers = (status = 0, ...more: string[]): FrameBuilder =>
  frames.headers(1).fields("grpc-status", String(status), ...more).endStream();

/** A call that is answered with these frames while it pulls everything. */
function answered(parts: readonly Part[], pulls = Number.POSITIVE_INFINITY): { fixture: ClientFixture; call: TestCall } {
  const fixture = new ClientFixture();
  const call = fixture.openCall();
  if (pulls > 0) call.stream.pull(pulls);
  fixture.server.send(bytesOf(...parts));
  return { fixture, call };
}

describe("client stream", () => {
  describe("requests", () => {
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
      assert.equal((call.response.status?.cause as Error).message, "no such text");
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
      assert.equal(outcome(call), "RESOURCE_EXHAUSTED: request message is 4294967296 bytes, limit 4294967295 (unknown)");
      assert.deepEqual(fixture.server.sent(), ["RST_STREAM 1 CANCEL"]);
    });

    it("stop as soon as the answer is complete, though nobody has read it", () => {
      const fixture = new ClientFixture();
      const call = fixture.openCall();
      fixture.server.send(headers(), message("a"), trailers());
      assert.equal(call.stream.send(text("late"), false), false);
      assert.deepEqual(fixture.server.sentOfCalls(), []);
      call.stream.pull(2);
      assert.deepEqual(call.response.events, ["headers", "message a", "status OK"]);
      assert.deepEqual(fixture.server.sentOfCalls(), ["RST_STREAM 1 NO_ERROR"]);
    });
  });

  describe("responses", () => {
    it("bring headers, messages and trailers", () => {
      const { call } = answered([
        headers("x-served-by", "a", "blob-bin", "AQI"),
        message("one"),
        message(""),
        trailers(0, "x-cost", "3"),
      ]);
      assert.deepEqual(call.response.events, ["headers", "message one", "message ", "status OK"]);
      assert.deepEqual({ ...call.response.headers?.toJSON() }, { "x-served-by": ["a"], "blob-bin": ["AQI="] });
      assert.deepEqual(call.response.peer, serverPeer);
      assert.deepEqual({ ...call.response.status?.trailers?.toJSON() }, { "x-cost": ["3"] });
    });

    it("may come before the request has ended, and then the rest of it is not sent", () => {
      const { fixture, call } = answered([headers(), trailers(5, "grpc-message", "no%20such")]);
      assert.equal(outcome(call), "NOT_FOUND: no such (processed)");
      assert.deepEqual(call.response.status?.peer, serverPeer);
      assert.deepEqual(fixture.server.sentOfCalls(), ["RST_STREAM 1 NO_ERROR"]);
    });

    it("of trailers alone bring no headers", () => {
      const { call } = answered([
        frames
          .headers(1)
          .response(200, "content-type", "application/grpc", "grpc-status", "8", "grpc-message", "full", "x-t", "1")
          .endStream(),
      ]);
      assert.deepEqual(call.response.events, ["status RESOURCE_EXHAUSTED"]);
      assert.equal(outcome(call), "RESOURCE_EXHAUSTED: full (processed)");
      assert.deepEqual({ ...call.response.status?.trailers?.toJSON() }, { "x-t": ["1"] });
    });

    it("bring details and push-back of an error", () => {
      const { call } = answered([
        headers(),
        trailers(14, "grpc-message", "later", "grpc-status-details-bin", "CA4", "grpc-retry-pushback-ms", "25"),
      ]);
      assert.deepEqual([...(call.response.status?.details ?? [])], [8, 14]);
      assert.equal(call.response.status?.retryPushbackMs, 25);
    });

    const endings: readonly [string, readonly Part[], string][] = [
      ["without trailers", [headers(), frames.data(1).endStream()], "INTERNAL: the server ended the stream without trailers (processed)"],
      ["inside a message", [headers(), frames.data(1, framed("whole").subarray(0, 7)), trailers()], "INTERNAL: stream ended inside a message: 2 of its 5 bytes have come (processed)"],
      ["inside a prefix", [headers(), frames.data(1, Buffer.alloc(3)), trailers()], "INTERNAL: stream ended inside a message: 3 of the 5 bytes of its prefix have come (processed)"],
      ["inside a message, with an error", [headers(), frames.data(1, Buffer.alloc(3)), trailers(10, "grpc-message", "raced")], "ABORTED: raced (processed)"],
      ["without a status", [headers(), frames.headers(1).fields("x", "y").endStream()], "UNKNOWN: trailers have no grpc-status, expected one (processed)"],
      ["with a page of a proxy", [frames.headers(1).response(503, "content-type", "text/html"), frames.data(1, "<html>").endStream()], 'UNAVAILABLE: server answered HTTP status 503 (Service Unavailable) with content-type "text/html" and no grpc-status, expected HTTP status 200 with application/grpc (processed)'],
      ["with HTTP 401", [frames.headers(1).response(401).endStream()], "UNAUTHENTICATED: server answered HTTP status 401 (Unauthorized) with no content-type and no grpc-status, expected HTTP status 200 with application/grpc (processed)"],
      ["with another content-type", [frames.headers(1).response(200, "content-type", "application/json"), frames.data(1, "{}").endStream()], 'UNKNOWN: server answered HTTP status 200 (OK) with content-type "application/json" and no grpc-status, expected HTTP status 200 with application/grpc (processed)'],
      ["with metadata that is not base64", [headers("x-bin", "%"), trailers()], 'INTERNAL: metadata value of "x-bin" is not base64 (1 characters), expected the alphabet of RFC 4648 §4 with or without padding (processed)'],
      ["in an encoding that was not offered", [headers("grpc-encoding", "snappy"), message("x", 1), trailers()], 'INTERNAL: response is encoded with "snappy", which was not offered (processed)'],
      ["compressed though no encoding was named", [headers(), message("<x>", 1), trailers()], "INTERNAL: response message has its compressed flag set, but grpc-encoding is identity (processed)"],
      ["with a flag that is none", [headers(), message("x", 2), trailers()], "INTERNAL: compressed flag of a message is 2, expected 0 or 1 (processed)"],
      ["with a message that does not decode", [headers(), message("undecodable"), trailers()], "INTERNAL: response message of 11 bytes does not decode: bad text (processed)"],
      ["with a message that does not decompress", [headers("grpc-encoding", "gzip"), message("x", 1), trailers()], "INTERNAL: response message does not decompress: no angle (processed)"],
    ];
    for (const [name, parts, expected] of endings) {
      it(`that end ${name} say so`, () => {
        assert.equal(outcome(answered(parts).call), expected);
      });
    }

    it("are the same however the bytes are cut", () => {
      const parts = [headers("x-a", "b"), message("first"), message("second, which is longer"), trailers(0, "x-c", "d")];
      const fixture = new ClientFixture({ chunkBytes: 1 });
      const call = fixture.openCall();
      call.stream.pull(5);
      fixture.server.send(bytesOf(...parts));
      assert.deepEqual(call.response.events, ["headers", "message first", "message second, which is longer", "status OK"]);
    });

    it("are the same however messages are cut into frames", () => {
      const bytes = bytesOf(framed("first"), framed(""), framed("second"));
      for (let cut = 0; cut <= bytes.length; cut++) {
        const pieces = [frames.data(1, bytes.subarray(0, cut)), frames.data(1, bytes.subarray(cut))];
        const { call } = answered([headers(), ...pieces, trailers()]);
        assert.deepEqual(call.response.events, ["headers", "message first", "message ", "message second", "status OK"]);
      }
    });
  });

  describe("pulling", () => {
    it("gets no message that it did not ask for, and the status behind the last one", () => {
      const { call } = answered([headers(), message("a"), message("b"), message("c"), trailers(9, "grpc-message", "over")], 0);
      const { stream, response } = call;
      assert.deepEqual(response.events, ["headers"]);
      stream.pull(1);
      assert.deepEqual(response.events, ["headers", "message a"]);
      stream.pull(1);
      assert.deepEqual(response.events, ["headers", "message a", "message b"]);
      stream.pull(1);
      assert.deepEqual(response.events, ["headers", "message a", "message b", "message c", "status FAILED_PRECONDITION"]);
    });

    it("before the messages have come counts too", () => {
      const { fixture, call } = answered([headers(), message("a"), message("b"), message("c")], 2);
      assert.deepEqual(call.response.events, ["headers", "message a", "message b"]);
      fixture.server.send(trailers());
      assert.equal(call.response.status, undefined);
      call.stream.pull(1);
      assert.deepEqual(call.response.events.slice(3), ["message c", "status OK"]);
    });

    it("from within a message goes on with the next, once", () => {
      const fixture = new ClientFixture();
      const { stream, response } = fixture.openCall();
      response.onEvent = (event) => {
        if (event.startsWith("message")) stream.pull(1);
      };
      stream.pull(1);
      fixture.server.send(headers(), message("a"), message("b"), message("c"), trailers());
      assert.deepEqual(response.events, ["headers", "message a", "message b", "message c", "status OK"]);
    });

    it("a status without messages needs none", () => {
      assert.deepEqual(answered([headers(), trailers()], 0).call.response.events, ["headers", "status OK"]);
    });
  });

  describe("a reset", () => {
    const codes: readonly [number, string][] = [
      [ErrorCode.NO_ERROR, "INTERNAL: peer reset the stream with NO_ERROR (0): expected a grpc-status before the end (unknown)"],
      [ErrorCode.PROTOCOL_ERROR, "INTERNAL: peer reset the stream with PROTOCOL_ERROR (1) (unknown)"],
      [ErrorCode.INTERNAL_ERROR, "INTERNAL: peer reset the stream with INTERNAL_ERROR (2) (unknown)"],
      [ErrorCode.FLOW_CONTROL_ERROR, "INTERNAL: peer reset the stream with FLOW_CONTROL_ERROR (3) (unknown)"],
      [ErrorCode.STREAM_CLOSED, "INTERNAL: peer reset the stream with STREAM_CLOSED (5) (unknown)"],
      [ErrorCode.REFUSED_STREAM, "UNAVAILABLE: the peer reset the stream with REFUSED_STREAM (not-processed)"],
      [ErrorCode.CANCEL, "CANCELLED: peer reset the stream with CANCEL (8) (unknown)"],
      [ErrorCode.ENHANCE_YOUR_CALM, "RESOURCE_EXHAUSTED: peer reset the stream with ENHANCE_YOUR_CALM (11): the bandwidth that is granted has been used up (unknown)"],
      [ErrorCode.INADEQUATE_SECURITY, "PERMISSION_DENIED: peer reset the stream with INADEQUATE_SECURITY (12): the connection is not secure enough for the call (unknown)"],
      [0xbeef, "INTERNAL: peer reset the stream with 0xbeef (an unknown code) (unknown)"],
    ];
    for (const [code, expected] of codes) {
      it(`with code ${code} is ${expected.split(":")[0]}`, () => {
        const { fixture, call } = answered([frames.rst(1, code)]);
        assert.equal(outcome(call), expected);
        assert.deepEqual(fixture.server.sentOfCalls(), [], "a reset is not answered");
      });
    }

    it("behind headers was processed, whatever its code says", () => {
      const { call } = answered([headers(), frames.rst(1, ErrorCode.REFUSED_STREAM)]);
      assert.equal(call.response.status?.delivery, "processed");
      assert.equal(call.response.status?.code, StatusCode.UNAVAILABLE);
    });

    it("behind trailers takes nothing back", () => {
      for (const code of [ErrorCode.NO_ERROR, ErrorCode.CANCEL, ErrorCode.REFUSED_STREAM]) {
        const { call } = answered([headers(), message("a"), trailers(), frames.rst(1, code)], 0);
        call.stream.pull(2);
        assert.deepEqual(call.response.events, ["headers", "message a", "status OK"], String(code));
      }
    });

    it("is what a stream gets on which the server breaks HTTP/2, and the call says why", () => {
      const { fixture, call } = answered([frames.data(1, "early")]);
      assert.equal(
        outcome(call),
        "INTERNAL: stream was reset by this side with PROTOCOL_ERROR (1): DATA frame on stream 1 came before its headers (unknown)",
      );
      assert.deepEqual(fixture.server.sentOfCalls(), ["RST_STREAM 1 PROTOCOL_ERROR"]);
      assert.equal(fixture.transport.streamSlots() > 0, true);
    });
  });

  describe("cancelling", () => {
    it("tells the server, ends the call, and nothing follows", () => {
      const fixture = new ClientFixture();
      const call = fixture.openCall();
      call.stream.pull(10);
      call.stream.cancel(cancelled);
      call.stream.cancel(cancelled);
      assert.equal(outcome(call), "CANCELLED: enough (unknown)");
      assert.deepEqual(fixture.server.sent(), ["RST_STREAM 1 CANCEL"]);
      fixture.server.send(headers(), message("late"), trailers());
      assert.deepEqual(call.response.events, ["status CANCELLED"]);
      assert.equal(fixture.server.take().length, 0);
      assert.ok(fixture.transport.streamSlots() > 0);
    });

    it("sends the code that fits the status", () => {
      const codes: readonly [StatusCode, string][] = [
        [StatusCode.DEADLINE_EXCEEDED, "CANCEL"],
        [StatusCode.INTERNAL, "INTERNAL_ERROR"],
        [StatusCode.RESOURCE_EXHAUSTED, "CANCEL"],
      ];
      for (const [code, name] of codes) {
        const fixture = new ClientFixture();
        fixture.openCall().stream.cancel({ code, message: "x" });
        assert.deepEqual(fixture.server.sent(), [`RST_STREAM 1 ${name}`]);
      }
    });

    it("from within headers or a message stops there", () => {
      for (const at of ["headers", "message a"]) {
        const fixture = new ClientFixture();
        const { stream, response } = fixture.openCall();
        stream.pull(10);
        response.onEvent = (event) => {
          if (event === at) stream.cancel(cancelled);
        };
        fixture.server.send(headers(), message("a"), message("b"), trailers());
        assert.deepEqual(response.events.at(-1), "status CANCELLED");
        assert.deepEqual(response.events.at(-2), at);
      }
    });

    it("drops what is queued, and gives back the windows of what was not read", () => {
      const fixture = new ClientFixture({ settings: [settingId.INITIAL_WINDOW_SIZE, 0], limits: { connectionWindowBytes: 65_535 } });
      const { stream } = fixture.openCall();
      stream.send(text("x".repeat(1000)), false);
      fixture.server.send(headers(), frames.data(1, framed("y".repeat(16_000))), frames.data(1, Buffer.alloc(16_384)), frames.data(1, 10_000));
      assert.deepEqual(fixture.server.windows(), {});
      stream.cancel(cancelled);
      assert.equal(fixture.server.windows()[0], 16_005 + 16_384 + 10_000);
    });
  });

  describe("windows", () => {
    it("of messages that were not asked for stay closed", () => {
      const fixture = new ClientFixture({ limits: { streamWindowBytes: 65_535, connectionWindowBytes: 65_535 } });
      const { stream, response } = fixture.openCall();
      const filler = framed("x".repeat(16_000));
      fixture.server.send(headers(), ...[1, 2, 3, 4].map(() => frames.data(1, filler)));
      assert.deepEqual(fixture.server.windows(), {});
      stream.pull(1);
      assert.deepEqual(fixture.server.windows(), {}, "half a window is not owed yet");
      stream.pull(2);
      assert.deepEqual(fixture.server.windows(), { 0: 48_015, 1: 48_015 });
      assert.equal(response.messages.length, 3);
    });

    it("let a message pass that is larger than all of them, once it was asked for", () => {
      const fixture = new ClientFixture({ limits: { streamWindowBytes: 65_535, connectionWindowBytes: 65_535 } });
      const { stream, response } = fixture.openCall();
      stream.pull(1);
      const value = "x".repeat(1_000_000);
      const bytes = framed(value);
      fixture.server.send(headers());
      let window = 65_535;
      for (let at = 0; at < bytes.length; ) {
        const size = Math.min(window, 16_384, bytes.length - at);
        assert.ok(size > 0, `stuck at ${at}`);
        fixture.server.send(frames.data(1, bytes.subarray(at, at + size)));
        at += size;
        const updates = fixture.server.windows();
        window += (updates[1] ?? 0) - size;
        assert.equal(updates[0] ?? 0, updates[1] ?? 0);
      }
      fixture.server.send(trailers());
      assert.equal((response.messages[0] as { value: string }).value, value);
      assert.equal(response.status?.code, StatusCode.OK);
    });

    it("are given back when a message was decompressed elsewhere, though nothing else happens", () => {
      const fixture = new ClientFixture({ limits: { streamWindowBytes: 65_535, connectionWindowBytes: 65_535 } });
      fixture.compressor.isHeld = true;
      const { stream, response } = fixture.openCall();
      stream.pull(10);
      const large = `<${"x".repeat(16_000)}>`;
      fixture.server.send(headers("grpc-encoding", "gzip"), ...[1, 2, 3].map(() => message(large, 1)));
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
      fixture.server.send(headers(), frames.data(1, framed("x".repeat(101)).subarray(0, 5)));
      assert.equal(outcome(call), "RESOURCE_EXHAUSTED: message is 101 bytes, limit 100 (maxReceiveMessageBytes) (processed)");
      assert.deepEqual(fixture.server.sentOfCalls(), ["RST_STREAM 1 CANCEL"]);
    });

    it("lets pass what fits exactly, and may be the call's own", () => {
      const fixture = new ClientFixture({ limits: { maxReceiveMessageBytes: 100 } });
      const fits = fixture.openCall();
      fits.stream.pull(1);
      fixture.server.send(headers(), message("x".repeat(100)), trailers());
      assert.equal(fits.response.status?.code, StatusCode.OK);
      const own = fixture.openCall({}, { maxResponseBytes: 3 });
      own.stream.pull(1);
      fixture.server.send(frames.headers(3).response(200, "content-type", "application/grpc"), frames.data(3, framed("four")));
      assert.equal(outcome(own), "RESOURCE_EXHAUSTED: message is 4 bytes, limit 3 (maxReceiveMessageBytes) (processed)");
    });

    it("holds for what a message decompresses to", () => {
      const fixture = new ClientFixture();
      fixture.compressor.isHeld = true;
      const bomb = fixture.openCall({}, { maxResponseBytes: 5 });
      bomb.stream.pull(1);
      fixture.server.send(headers("grpc-encoding", "gzip"), message("<x>", 1));
      fixture.compressor.finishNext({ ok: false, reason: "tooLarge", message: "" });
      assert.equal(outcome(bomb), "RESOURCE_EXHAUSTED: response message is more than 5 bytes when decompressed (maxReceiveMessageBytes) (processed)");
    });
  });

  describe("compressed responses", () => {
    const gzip = headers("grpc-encoding", "gzip");

    it("may come together with plain ones", () => {
      const { call } = answered([gzip, message("<a>", 1), message("b"), message("<c>", 1), trailers()]);
      assert.deepEqual(call.response.events, ["headers", "message a", "message b", "message c", "status OK"]);
    });

    it("keep their order while they are worked on, and the status waits", () => {
      const fixture = new ClientFixture();
      fixture.compressor.isHeld = true;
      const { stream, response } = fixture.openCall();
      stream.pull(10);
      fixture.server.send(gzip, message("<a>", 1), message("b"), message("<c>", 1), trailers());
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
      fixture.server.send(gzip, message("<a>", 1), message("<b>", 1), trailers());
      fixture.compressor.finishNext();
      assert.deepEqual(response.events, ["headers", "message a"]);
      assert.equal(fixture.compressor.jobs.length, 0);
      stream.pull(1);
      assert.equal(fixture.compressor.jobs.length, 1);
      fixture.compressor.finishNext();
      assert.deepEqual(response.events.slice(2), ["message b", "status OK"]);
    });

    it("that are still worked on when the call ends are forgotten", () => {
      const fixture = new ClientFixture({ limits: { streamWindowBytes: 65_535, connectionWindowBytes: 65_535 } });
      fixture.compressor.isHeld = true;
      const { stream, response } = fixture.openCall();
      stream.pull(1);
      const large = `<${"x".repeat(16_300)}>`;
      fixture.server.send(gzip, message(large, 1), message(large, 1), message(large, 1));
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
      fixture.server.send(gzip, message("x", 1));
      fixture.compressor.finishNext();
      assert.equal(outcome(call), "INTERNAL: response message does not decompress: no angle (processed)");
      assert.deepEqual(fixture.server.sentOfCalls(), ["RST_STREAM 1 INTERNAL_ERROR"]);
    });
  });

  describe("compressed requests", () => {
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

    it("that are cancelled while they are worked on are not sent", () => {
      const fixture = new ClientFixture();
      fixture.compressor.isHeld = true;
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

  it("keeps calls on one connection apart", () => {
    const fixture = new ClientFixture({ settings: unlimited });
    const first = fixture.openCall();
    const second = fixture.openCall();
    first.stream.pull(9);
    second.stream.pull(9);
    fixture.server.send(
      headers(),
      frames.headers(3).response(200, "content-type", "application/grpc"),
      message("a"),
      frames.data(3, framed("b")),
      frames.rst(1, ErrorCode.CANCEL),
      frames.headers(3).fields("grpc-status", "0").endStream(),
    );
    assert.deepEqual(first.response.events, ["headers", "message a", "status CANCELLED"]);
    assert.deepEqual(second.response.events, ["headers", "message b", "status OK"]);
  });
});
