import assert from "node:assert/strict";
import { ErrorCode } from "../../src/http2/error-code.js";
import type { Invoker } from "../../src/rpc/invoker.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { bytesOf, frames, type Part, settingId } from "../support/frames.js";
import type { ScriptedCall } from "../support/scripted-invoker.js";
import { request, ServerFixture, type ServerFixtureOptions } from "./server-fixture.js";
import { framed, text, type TextMessage } from "./text-method.js";

const headersFrame = "HEADERS 1 :status: 200, content-type: application/grpc, grpc-accept-encoding: gzip";
const trailersOnly = "HEADERS 1 END_STREAM :status: 200, content-type: application/grpc";
const okTrailers = "HEADERS 1 END_STREAM grpc-status: 0";
const data = (value: string): string => `DATA 1 ${value.length + 5} bytes ${JSON.stringify(framed(value).toString("latin1"))}`;

/** A call on stream 1, its request's headers sent with more frames behind them. */
function open(options: ServerFixtureOptions = {}, ...behind: Part[]): { fixture: ServerFixture; call: ScriptedCall } {
  const fixture = new ServerFixture(options);
  fixture.client.send(request(1), ...behind);
  return { fixture, call: fixture.handlers.call };
}

/** A call whose request has ended. */
function openUnary(options: ServerFixtureOptions = {}, ...fields: string[]): { fixture: ServerFixture; call: ScriptedCall } {
  const fixture = new ServerFixture(options);
  fixture.client.send(request(1, ...fields), frames.data(1, framed("q")).endStream());
  return { fixture, call: fixture.handlers.call };
}

/** Answers with headers and a message. */
function answer(call: ScriptedCall, value: string): void {
  call.sink.onHeaders(new Metadata());
  call.sink.onMessage(text(value));
}

const sent = (call: ScriptedCall): string[] => call.sent.map((message) => (message as TextMessage).value);

describe("server stream", () => {
  describe("requests", () => {
    it("come to the handler, and the half-close with the last one", () => {
      const { fixture, call } = open({}, frames.data(1, framed("a")));
      assert.deepEqual(sent(call), ["a"]);
      assert.equal(call.finished, false);
      fixture.client.send(frames.data(1, bytesOf(framed("b"), framed("c"))).endStream());
      assert.deepEqual(sent(call), ["a", "b", "c"]);
      assert.equal(call.finished, true);
    });

    it("may end with an empty frame, with trailers, or with nothing else", () => {
      for (const end of [frames.data(1).endStream(), frames.headers(1).fields("x", "y").endStream()]) {
        for (const together of [true, false]) {
          const fixture = new ServerFixture();
          const parts = [request(1), frames.data(1, framed("a")), end];
          if (together) fixture.client.send(...parts);
          else for (const part of parts) fixture.client.send(part);
          assert.deepEqual(sent(fixture.handlers.call), ["a"]);
          assert.equal(fixture.handlers.call.finished, true);
        }
      }
      const empty = new ServerFixture();
      empty.client.send(request(1).endStream());
      assert.deepEqual(sent(empty.handlers.call), []);
      assert.equal(empty.handlers.call.finished, true);
    });

    it("are the same however the bytes are cut", () => {
      const fixture = new ServerFixture({ chunkBytes: 1 });
      fixture.client.send(request(1), frames.data(1, framed("first")), frames.data(1, framed("second")).endStream());
      assert.deepEqual(sent(fixture.handlers.call), ["first", "second"]);
      assert.equal(fixture.handlers.call.finished, true);
    });

    it("wait while the handler takes none, with their windows", () => {
      const fixture = new ServerFixture({ limits: { streamWindowBytes: 65_535, connectionWindowBytes: 65_535 } });
      fixture.client.send(request(1));
      const { call } = fixture.handlers;
      call.writable = false;
      const filler = framed("x".repeat(16_000));
      fixture.client.send(...[1, 2, 3, 4].map(() => frames.data(1, filler)));
      assert.equal(call.sent.length, 1);
      assert.deepEqual(fixture.client.windows(), {});
      call.sink.onWritable();
      assert.equal(call.sent.length, 2, "it said no again");
      assert.deepEqual(fixture.client.windows(), {});
      call.sink.onWritable();
      assert.equal(call.sent.length, 3);
      assert.deepEqual(fixture.client.windows(), { 0: 48_015, 1: 48_015 }, "what is given back is sent though nothing else happens");
      call.writable = true;
      fixture.client.send(frames.data(1).endStream());
      assert.equal(call.finished, false);
      call.sink.onWritable();
      assert.equal(call.sent.length, 4);
      assert.equal(call.finished, true);
    });

    it("that are larger than every window pass", () => {
      const fixture = new ServerFixture({ limits: { streamWindowBytes: 65_535, connectionWindowBytes: 65_535 } });
      fixture.client.send(request(1));
      const value = "x".repeat(500_000);
      const bytes = framed(value);
      let window = 65_535;
      for (let at = 0; at < bytes.length; ) {
        const size = Math.min(window, 16_384, bytes.length - at);
        assert.ok(size > 0, `stuck at ${at}`);
        fixture.client.send(frames.data(1, bytes.subarray(at, at + size)));
        at += size;
        window += (fixture.client.windows()[1] ?? 0) - size;
      }
      assert.deepEqual(sent(fixture.handlers.call), [value]);
    });

    const failures: readonly [string, readonly Part[], string][] = [
      ["does not decode", [frames.data(1, framed("undecodable"))], "grpc-status: 13, grpc-message: request message of 11 bytes does not decode: bad text"],
      ["has a flag that is none", [frames.data(1, framed("x", 3))], "grpc-status: 13, grpc-message: compressed flag of a message is 3, expected 0 or 1"],
      ["is compressed though no encoding was named", [frames.data(1, framed("<x>", 1))], "grpc-status: 13, grpc-message: request message has its compressed flag set, but grpc-encoding is identity"],
      ["is not all there", [frames.data(1, Buffer.alloc(2)).endStream()], "grpc-status: 13, grpc-message: stream ended inside a message: 2 of the 5 bytes of its prefix have come"],
      ["is not all there when trailers come", [frames.data(1, framed("xy").subarray(0, 6)), frames.headers(1).fields("x", "y").endStream()], "grpc-status: 13, grpc-message: stream ended inside a message: 1 of its 2 bytes have come"],
      ["is too large, before it has come", [frames.data(1, framed("x".repeat(101)).subarray(0, 5))], "grpc-status: 8, grpc-message: message is 101 bytes, limit 100 (maxReceiveMessageBytes)"],
    ];
    for (const [what, parts, expected] of failures) {
      it(`end the call when one ${what}`, () => {
        const { fixture, call } = open({ limits: { maxReceiveMessageBytes: 100 } }, ...parts);
        const lines = fixture.client.sentOfCalls();
        assert.equal(lines[0], `${trailersOnly}, ${expected}`);
        assert.equal(call.cancels.length, 1);
        assert.ok(`${trailersOnly}, ${expected}`.endsWith(call.cancels[0]?.message ?? "?"));
        assert.equal(fixture.transport.activeCalls, 0);
        // Whatever the handler says afterwards goes nowhere.
        answer(call, "late");
        call.sink.onStatus(OK);
        assert.deepEqual(fixture.client.sentOfCalls(), []);
      });
    }

    it("may be compressed, and keep their order and their end while they are worked on", () => {
      const fixture = new ServerFixture({ limits: { streamWindowBytes: 65_535, connectionWindowBytes: 65_535 } });
      const { compressor, client } = fixture;
      compressor.isHeld = true;
      const large = "x".repeat(16_000);
      client.send(
        request(1, "grpc-encoding", "gzip"),
        frames.data(1, framed(`<${large}>`, 1)),
        frames.data(1, framed(large)),
        frames.data(1, framed(`<${large}>`, 1)).endStream(),
      );
      const { call } = fixture.handlers;
      client.take();
      assert.equal(compressor.jobs.length, 1);
      compressor.finishNext();
      assert.deepEqual(call.sent.length, 2);
      assert.equal(call.finished, false);
      compressor.finishNext();
      assert.deepEqual(sent(call), [large, large, large]);
      assert.equal(call.finished, true);
      assert.ok((client.windows()[0] ?? 0) >= 32_767, "what is given back is sent though nothing else happens");
    });

    it("that are worked on when the client cancels are forgotten", () => {
      const fixture = new ServerFixture();
      fixture.compressor.isHeld = true;
      fixture.client.send(request(1, "grpc-encoding", "gzip"), frames.data(1, framed("<a>", 1)));
      fixture.client.send(frames.rst(1, ErrorCode.CANCEL));
      fixture.compressor.finishNext();
      assert.deepEqual(fixture.handlers.call.sent, []);
      assert.equal(fixture.handlers.call.cancels.length, 1);
    });
  });

  describe("responses", () => {
    it("are headers, messages and trailers", () => {
      const { fixture, call } = openUnary();
      call.sink.onHeaders(new Metadata({ "x-a": "1", "b-bin": Uint8Array.of(1, 2) }));
      call.sink.onMessage(text("one"));
      call.sink.onMessage(text("two"));
      call.sink.onStatus({ ...OK, trailers: new Metadata({ "x-t": "2" }) });
      assert.deepEqual(fixture.client.sentOfCalls(), [
        `${headersFrame}, x-a: 1, b-bin: AQI`,
        data("one"),
        data("two"),
        `${okTrailers}, x-t: 2`,
      ]);
      assert.equal(fixture.transport.activeCalls, 0);
    });

    it("leave in one write when they are made in one turn", () => {
      const { fixture, call } = openUnary();
      let chunks = 0;
      const onData = fixture.client.onData.bind(fixture.client);
      fixture.client.take();
      fixture.client.onData = (chunk) => {
        chunks++;
        onData(chunk);
      };
      answer(call, "a");
      call.sink.onStatus(OK);
      assert.equal(fixture.client.take().length, 3);
      assert.equal(chunks, 1);
    });

    it("have headers though the handler gave none, and only once", () => {
      const { fixture, call } = openUnary();
      call.sink.onMessage(text("a"));
      call.sink.onHeaders(new Metadata({ late: "1" }));
      call.sink.onStatus(OK);
      assert.deepEqual(fixture.client.sentOfCalls(), [headersFrame, data("a"), okTrailers]);
    });

    it("of headers alone are sent at once", () => {
      const { fixture, call } = openUnary();
      call.sink.onHeaders(new Metadata());
      assert.deepEqual(fixture.client.sentOfCalls(), [headersFrame]);
    });

    it("of an error before any message are trailers alone", () => {
      const { fixture, call } = openUnary();
      call.sink.onStatus({
        code: StatusCode.NOT_FOUND,
        message: "no \ud800 such thing",
        details: Uint8Array.of(8, 5),
        retryPushbackMs: -1,
        trailers: new Metadata({ "x-t": "1" }),
      });
      assert.deepEqual(fixture.client.sentOfCalls(), [
        `${trailersOnly}, grpc-status: 5, grpc-message: no %EF%BF%BD such thing, grpc-status-details-bin: CAU, grpc-retry-pushback-ms: -1, x-t: 1`,
      ]);
    });

    it("of an error behind headers are trailers", () => {
      const { fixture, call } = openUnary();
      call.sink.onHeaders(new Metadata());
      call.sink.onStatus({ code: StatusCode.ABORTED, message: "raced" });
      assert.deepEqual(fixture.client.sentOfCalls(), [headersFrame, "HEADERS 1 END_STREAM grpc-status: 10, grpc-message: raced"]);
    });

    it("before the request's end ask the client to send no more, behind everything else", () => {
      const { fixture, call } = open({ settings: [settingId.INITIAL_WINDOW_SIZE, 3] }, frames.data(1, framed("a")));
      answer(call, "b");
      call.sink.onStatus(OK);
      assert.deepEqual(fixture.client.sentOfCalls(), [headersFrame, 'DATA 1 3 bytes "\\u0000\\u0000\\u0000"']);
      // What still comes is nobody's, but counts for the windows.
      fixture.client.send(frames.data(1, framed("late")));
      fixture.client.send(frames.windowUpdate(1, 100));
      assert.deepEqual(fixture.client.sentOfCalls(), ['DATA 1 3 bytes "\\u0000\\u0001b"', okTrailers, "RST_STREAM 1 NO_ERROR"]);
      assert.deepEqual(sent(call), ["a"]);
      assert.deepEqual(call.cancels, []);
    });

    it("made before invoke returns are the same", () => {
      const invoker: Invoker = {
        invoke(_headers, _options, sink) {
          sink.onHeaders(new Metadata());
          sink.onMessage(text("quick"));
          sink.onStatus(OK);
          return { send: () => true, finish() {}, pull() {}, cancel() {} };
        },
      };
      const fixture = new ServerFixture({ invoker });
      fixture.client.send(request(1), frames.data(1, framed("a")));
      assert.deepEqual(fixture.client.sentOfCalls(), [headersFrame, data("quick"), okTrailers, "RST_STREAM 1 NO_ERROR"]);
      assert.equal(fixture.transport.activeCalls, 0);
    });

    it("that cannot be encoded or are too large end the call on both sides", () => {
      for (const [value, expected] of [
        ["unencodable", "grpc-status: 13, grpc-message: response message does not encode: no such text"],
        ["x".repeat(21), "grpc-status: 8, grpc-message: response message is 21 bytes, limit 20"],
      ] as const) {
        const { fixture, call } = openUnary({ limits: { maxSendMessageBytes: 20 } });
        answer(call, "fine");
        call.sink.onMessage(text(value));
        assert.equal(call.cancels.length, 1);
        call.sink.onMessage(text("more"));
        call.sink.onStatus(OK);
        assert.deepEqual(fixture.client.sentOfCalls(), [headersFrame, data("fine"), `HEADERS 1 END_STREAM ${expected}`]);
      }
    });
  });

  describe("pulls", () => {
    it("are one for the start, and one for each message that the wire took", () => {
      const { call } = openUnary();
      assert.equal(call.pulled, 1);
      answer(call, "a");
      assert.equal(call.pulled, 2);
      call.sink.onMessage(text("b"));
      assert.equal(call.pulled, 3);
    });

    it("stop at 64 KiB unsent and go on when the client reads", () => {
      const { fixture, call } = openUnary({ settings: [settingId.INITIAL_WINDOW_SIZE, 0] });
      const large = text("x".repeat(30_000));
      call.sink.onHeaders(new Metadata());
      call.sink.onMessage(large);
      call.sink.onMessage(large);
      assert.equal(call.pulled, 3);
      call.sink.onMessage(large);
      assert.equal(call.pulled, 3, "the wire takes no more");
      fixture.platform.runTurns();
      assert.equal(call.pulled, 3);
      fixture.client.send(frames.windowUpdate(1, 65_535));
      assert.equal(call.pulled, 4);
      fixture.client.send(frames.windowUpdate(1, 65_535), frames.windowUpdate(0, 65_535));
      assert.equal(call.pulled, 4, "once");
    });

    it("owed for messages that were made before invoke returned are made then", () => {
      const pulls: number[] = [];
      const invoker: Invoker = {
        invoke(_headers, _options, sink) {
          sink.onHeaders(new Metadata());
          sink.onMessage(text("one"));
          return { send: () => true, finish() {}, pull: (count) => void pulls.push(count), cancel() {} };
        },
      };
      const fixture = new ServerFixture({ invoker });
      fixture.client.send(request(1).endStream());
      assert.deepEqual(pulls, [2]);
    });
  });

  describe("cancellation", () => {
    it("by the client reaches the handler once, and nothing is answered", () => {
      const { fixture, call } = open({}, frames.data(1, framed("a")));
      fixture.client.send(frames.rst(1, ErrorCode.CANCEL));
      assert.deepEqual(call.cancels, [
        { code: StatusCode.CANCELLED, message: "the client cancelled the call: the peer reset the stream with CANCEL" },
      ]);
      assert.equal(fixture.transport.activeCalls, 0);
      answer(call, "late");
      call.sink.onStatus(OK);
      call.sink.onWritable();
      assert.deepEqual(fixture.client.sentOfCalls(), []);
      fixture.link.cut();
      fixture.platform.runTurns();
      assert.equal(call.cancels.length, 1);
    });

    it("gives back the windows of what was not read", () => {
      const { fixture, call } = open({ limits: { streamWindowBytes: 65_535, connectionWindowBytes: 65_535 } });
      call.writable = false;
      fixture.client.send(...[1, 2, 3, 4].map(() => frames.data(1, framed("x".repeat(16_000)))));
      assert.deepEqual(fixture.client.windows(), {});
      fixture.client.send(frames.rst(1, ErrorCode.CANCEL));
      assert.deepEqual(fixture.client.windows(), { 0: 64_020 });
    });

    it("behind the answer changes nothing", () => {
      const { fixture, call } = open();
      call.sink.onStatus(OK);
      fixture.client.send(frames.rst(1, ErrorCode.CANCEL));
      assert.deepEqual(call.cancels, []);
    });

    it("of a call that breaks HTTP/2 says why", () => {
      const { fixture, call } = open();
      fixture.client.send(frames.headers(1).fields("x", "y"));
      assert.equal(call.cancels[0]?.code, StatusCode.INTERNAL);
      assert.match(call.cancels[0]?.message ?? "", /trailers come without END_STREAM/);
    });
  });

  describe("compressed responses", () => {
    const options: ServerFixtureOptions = { compression: "gzip" };
    const accepting = ["grpc-accept-encoding", "identity, gzip"];
    const gzipHeaders = headersFrame.replace("grpc-accept-encoding", "grpc-encoding: gzip, grpc-accept-encoding");
    const gzipped = (value: string): string =>
      `DATA 1 ${value.length + 7} bytes ${JSON.stringify(framed(`<${value}>`, 1).toString("latin1"))}`;

    it("are for clients that take them", () => {
      const accepted = openUnary(options, ...accepting);
      answer(accepted.call, "a");
      assert.deepEqual(accepted.fixture.client.sentOfCalls(), [gzipHeaders, gzipped("a")]);
      const other = openUnary(options, "grpc-accept-encoding", "snappy");
      answer(other.call, "a");
      assert.deepEqual(other.fixture.client.sentOfCalls(), [headersFrame, data("a")]);
      const none = openUnary({}, ...accepting);
      answer(none.call, "a");
      assert.deepEqual(none.fixture.client.sentOfCalls(), [headersFrame, data("a")]);
    });

    it("keep their order while they are worked on, with the trailers behind", () => {
      const { fixture, call } = openUnary(options, ...accepting);
      const { compressor, client } = fixture;
      compressor.isHeld = true;
      answer(call, "a");
      call.sink.onMessage(text("b"));
      call.sink.onStatus(OK);
      assert.equal(fixture.transport.activeCalls, 0);
      assert.deepEqual(client.sentOfCalls(), [gzipHeaders]);
      compressor.finishNext();
      assert.deepEqual(client.sentOfCalls(), [gzipped("a")]);
      compressor.finishNext();
      assert.deepEqual(client.sentOfCalls(), [gzipped("b"), okTrailers]);
    });

    it("hold the next pull back until they are done", () => {
      const { fixture, call } = openUnary(options, ...accepting);
      fixture.compressor.isHeld = true;
      answer(call, "a");
      assert.equal(call.pulled, 1);
      fixture.compressor.finishNext();
      assert.equal(call.pulled, 2);
    });

    it("that are worked on when the client cancels are not sent", () => {
      const { fixture, call } = openUnary(options, ...accepting);
      fixture.compressor.isHeld = true;
      answer(call, "a");
      fixture.client.send(frames.rst(1, ErrorCode.CANCEL));
      fixture.client.take();
      fixture.compressor.finishNext();
      assert.deepEqual(fixture.client.sentOfCalls(), []);
      assert.equal(call.cancels.length, 1);
    });

    it("that fail end the call on both sides", () => {
      const { fixture, call } = openUnary(options, ...accepting);
      fixture.compressor.isHeld = true;
      answer(call, "a");
      fixture.compressor.finishNext({ ok: false, reason: "malformed", message: "out of memory" });
      assert.equal(call.cancels.length, 1);
      assert.deepEqual(fixture.client.sentOfCalls(), [
        gzipHeaders,
        "HEADERS 1 END_STREAM grpc-status: 13, grpc-message: response message does not compress: out of memory",
      ]);
    });

    it("that fail when the handler has ended are told to the client all the same", () => {
      const { fixture, call } = openUnary(options, ...accepting);
      fixture.compressor.isHeld = true;
      answer(call, "a");
      call.sink.onStatus(OK);
      fixture.compressor.finishNext({ ok: false, reason: "malformed", message: "out of memory" });
      assert.deepEqual(call.cancels, []);
      assert.deepEqual(fixture.client.sentOfCalls(), [
        gzipHeaders,
        "HEADERS 1 END_STREAM grpc-status: 13, grpc-message: response message does not compress: out of memory",
      ]);
    });

    it("that cannot be encoded behind another one do not vanish in front of an OK", () => {
      const { fixture, call } = openUnary(options, ...accepting);
      fixture.compressor.isHeld = true;
      answer(call, "a");
      call.sink.onMessage(text("unencodable"));
      call.sink.onStatus(OK);
      fixture.compressor.finishNext();
      assert.deepEqual(fixture.client.sentOfCalls().slice(1), [
        gzipped("a"),
        "HEADERS 1 END_STREAM grpc-status: 13, grpc-message: response message does not encode: no such text",
      ]);
    });

    it("do not keep an aborted call open", () => {
      const { fixture, call } = openUnary(options, ...accepting);
      fixture.compressor.isHeld = true;
      answer(call, "a");
      fixture.transport.close();
      fixture.compressor.finishNext();
      assert.equal(call.cancels.length, 1);
      assert.deepEqual(fixture.client.sentOfCalls().sort(), [
        gzipped("a"),
        "GOAWAY 1 NO_ERROR",
        gzipHeaders,
        "HEADERS 1 END_STREAM grpc-status: 14, grpc-message: the server is closed",
      ]);
      assert.ok(fixture.client.ended);
    });
  });
});
