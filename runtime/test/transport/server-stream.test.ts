import assert from "node:assert/strict";
import { ErrorCode } from "../../src/http2/error-code.js";
import type { Invoker } from "../../src/rpc/invoker.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { frames, settingId } from "../support/frames.js";
import { smallWindows } from "./client-fixture.js";
import {
  answer,
  data,
  headersFrame,
  okTrailers,
  open,
  openUnary,
  request,
  ServerFixture,
  type ServerFixtureOptions,
  sent,
  trailersOnly,
} from "./server-fixture.js";
import { framed, text } from "./text-method.js";

describe("server stream", () => {
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
      assert.deepEqual(fixture.client.sentOfCalls(), [
        headersFrame,
        "HEADERS 1 END_STREAM grpc-status: 10, grpc-message: raced",
      ]);
    });

    it("before the request's end ask the client to send no more, behind everything else", () => {
      const { fixture, call } = open({ settings: [settingId.INITIAL_WINDOW_SIZE, 3] }, frames.data(1, framed("a")));
      answer(call, "b");
      call.sink.onStatus(OK);
      assert.deepEqual(fixture.client.sentOfCalls(), [headersFrame, 'DATA 1 3 bytes "\\u0000\\u0000\\u0000"']);
      // What still comes is nobody's, but counts for the windows.
      fixture.client.send(frames.data(1, framed("late")));
      fixture.client.send(frames.windowUpdate(1, 100));
      assert.deepEqual(fixture.client.sentOfCalls(), [
        'DATA 1 3 bytes "\\u0000\\u0001b"',
        okTrailers,
        "RST_STREAM 1 NO_ERROR",
      ]);
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
      assert.deepEqual(fixture.client.sentOfCalls(), [
        headersFrame,
        data("quick"),
        okTrailers,
        "RST_STREAM 1 NO_ERROR",
      ]);
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
        assert.deepEqual(fixture.client.sentOfCalls(), [
          headersFrame,
          data("fine"),
          `HEADERS 1 END_STREAM ${expected}`,
        ]);
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
      const { fixture, call } = open({ limits: smallWindows });
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
      assert.deepEqual(client.sentOfCalls(), [gzipHeaders]);
      compressor.finishNext();
      assert.deepEqual(client.sentOfCalls(), [gzipped("a")]);
      assert.equal(fixture.transport.activeCalls, 1, "until its trailers have left");
      compressor.finishNext();
      assert.deepEqual(client.sentOfCalls(), [gzipped("b"), okTrailers]);
      assert.equal(fixture.transport.activeCalls, 0);
    });

    it("are given up when the client leaves, though the handler has long ended", () => {
      for (const leave of ["reset", "lost", "closed"] as const) {
        const { fixture, call } = openUnary(options, ...accepting);
        fixture.compressor.isHeld = true;
        answer(call, "a");
        call.sink.onStatus(OK);
        assert.equal(fixture.compressor.jobs.length, 1);
        if (leave === "reset") fixture.client.send(frames.rst(1, ErrorCode.CANCEL));
        else if (leave === "lost") fixture.link.client.destroy();
        else fixture.transport.close();
        fixture.platform.runTurns();
        assert.equal(fixture.compressor.jobs.length, 0, leave);
        assert.equal(fixture.transport.activeCalls, 0, leave);
        assert.deepEqual(call.cancels, [], leave);
      }
    });

    it("hold their call's slot until they have left, whichever ends first, and give it back once", () => {
      for (const lastToEnd of ["handler", "response"] as const) {
        const limits = { maxConcurrentStreams: 1 };
        const { fixture, call } = openUnary({ ...options, limits }, ...accepting);
        fixture.compressor.isHeld = true;
        call.headers.slot?.onHandlerStart();
        answer(call, "a");
        call.sink.onStatus(OK);
        if (lastToEnd === "response") call.headers.slot?.onHandlerEnd();
        fixture.compressor.finishNext();
        if (lastToEnd === "handler") call.headers.slot?.onHandlerEnd();
        fixture.platform.runTurns();
        fixture.client.send(request(3), frames.data(3, framed("b")).endStream());
        // A handler that runs on keeps its slot though its client has left: the next call has to wait for it.
        fixture.handlers.calls[1]?.headers.slot?.onHandlerStart();
        fixture.client.send(frames.rst(3, ErrorCode.CANCEL));
        fixture.client.send(request(5), frames.data(5, framed("c")).endStream());
        assert.equal(fixture.handlers.calls.length, 2, `${lastToEnd}: one slot`);
        fixture.handlers.calls[1]?.headers.slot?.onHandlerEnd();
        fixture.platform.runTurns();
        assert.equal(fixture.handlers.calls.length, 3, lastToEnd);
      }
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
      fixture.compressor.isCancellable = false;
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
