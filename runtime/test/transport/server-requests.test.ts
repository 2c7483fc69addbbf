import assert from "node:assert/strict";
import { ErrorCode } from "../../src/http2/error-code.js";
import { OK } from "../../src/rpc/status.js";
import { bytesOf, frames, type Part } from "../support/frames.js";
import { smallWindows } from "./client-fixture.js";
import { answer, open, request, ServerFixture, sent, trailersOnly } from "./server-fixture.js";
import { framed } from "./text-method.js";

describe("server stream: requests", () => {
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
    const fixture = new ServerFixture({ limits: smallWindows });
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
    assert.deepEqual(
      fixture.client.windows(),
      { 0: 48_015, 1: 48_015 },
      "what is given back is sent though nothing else happens",
    );
    call.writable = true;
    fixture.client.send(frames.data(1).endStream());
    assert.equal(call.finished, false);
    call.sink.onWritable();
    assert.equal(call.sent.length, 4);
    assert.equal(call.finished, true);
  });

  it("that wait do not hold the connection's window, up to a limit", () => {
    const fixture = new ServerFixture({ limits: { ...smallWindows, maxUnreadBytes: 40_000 } });
    fixture.client.send(request(1));
    const { call } = fixture.handlers;
    call.writable = false;
    const filler = framed("x".repeat(16_000));
    fixture.client.send(...[1, 2, 3, 4].map(() => frames.data(1, filler)));
    assert.equal(call.sent.length, 1);
    assert.deepEqual(fixture.client.windows(), { 0: 48_015 }, "7990 more are owed, 8015 are held");
    fixture.client.send(frames.rst(1, ErrorCode.CANCEL));
    assert.deepEqual(fixture.client.windows(), {});
  });

  it("that are larger than every window pass", () => {
    const fixture = new ServerFixture({ limits: smallWindows });
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
    [
      "does not decode",
      [frames.data(1, framed("undecodable"))],
      "grpc-status: 13, grpc-message: request message of 11 bytes does not decode: bad text",
    ],
    [
      "has a flag that is none",
      [frames.data(1, framed("x", 3))],
      "grpc-status: 13, grpc-message: request message has the compressed flag 3, expected 0 or 1",
    ],
    [
      "is compressed though no encoding was named",
      [frames.data(1, framed("<x>", 1))],
      "grpc-status: 13, grpc-message: request message has its compressed flag set, but grpc-encoding is identity",
    ],
    [
      "is not all there",
      [frames.data(1, Buffer.alloc(2)).endStream()],
      "grpc-status: 13, grpc-message: stream ended inside a message: 2 of the 5 bytes of its prefix have come",
    ],
    [
      "is not all there when trailers come",
      [frames.data(1, framed("xy").subarray(0, 6)), frames.headers(1).fields("x", "y").endStream()],
      "grpc-status: 13, grpc-message: stream ended inside a message: 1 of its 2 bytes have come",
    ],
    [
      "is too large, before it has come",
      [frames.data(1, framed("x".repeat(101)).subarray(0, 5))],
      "grpc-status: 8, grpc-message: request message is 101 bytes, limit 100 (maxReceiveMessageBytes)",
    ],
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
    const fixture = new ServerFixture({ limits: smallWindows });
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

  it("that are worked on when the client cancels are given up, or forgotten where they cannot be", () => {
    const givenUp = new ServerFixture();
    givenUp.compressor.isHeld = true;
    givenUp.client.send(request(1, "grpc-encoding", "gzip"), frames.data(1, framed("<a>", 1)));
    givenUp.client.send(frames.rst(1, ErrorCode.CANCEL));
    assert.equal(givenUp.compressor.jobs.length, 0);
    const fixture = new ServerFixture();
    fixture.compressor.isHeld = true;
    fixture.compressor.isCancellable = false;
    fixture.client.send(request(1, "grpc-encoding", "gzip"), frames.data(1, framed("<a>", 1)));
    fixture.client.send(frames.rst(1, ErrorCode.CANCEL));
    fixture.compressor.finishNext();
    assert.deepEqual(fixture.handlers.call.sent, []);
    assert.equal(fixture.handlers.call.cancels.length, 1);
  });
});
