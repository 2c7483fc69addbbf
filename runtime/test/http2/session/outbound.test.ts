import assert from "node:assert/strict";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { ErrorCode } from "../../../src/http2/error-code.js";
import { bytesOf, frames, frameType, parseFrames, settingId } from "../../support/frames.js";
import { LoneSession } from "../lone-session.js";

const request = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m"]);
const response = new HeaderBlock([":status", "200"]);
const trailers = new HeaderBlock(["grpc-status", "0"]);

/** A client with streams open and their headers sent. */
function openClient(streams: number, ...settings: number[]): LoneSession {
  const lone = LoneSession.open("client", {}, ...settings);
  for (let i = 0; i < streams; i++) assert.equal(lone.session.openStream(request, false), 2 * i + 1);
  lone.sent();
  return lone;
}

function openServer(streams: number, ...settings: number[]): LoneSession {
  const lone = LoneSession.open("server", {}, ...settings);
  for (let i = 0; i < streams; i++) lone.feed(frames.headers(2 * i + 1).request());
  lone.sent();
  return lone;
}

describe("Http2Session: sending", () => {
  describe("in place", () => {
    it("puts a message into one DATA frame behind its prefix", () => {
      const lone = openClient(1);
      const sink = lone.session.beginData(1, 5);
      sink.append(Buffer.from("message"));
      assert.equal(lone.session.messageBytes, 12);
      sink.bytes.write("prefi", lone.session.prefixOffset, "latin1");
      assert.equal(lone.session.endData(false), true);
      assert.deepEqual(lone.sentBytes(), bytesOf(frames.data(1, "prefimessage")));
    });

    it("finds its prefix again when the message outgrew the memory", () => {
      const lone = openClient(1, settingId.INITIAL_WINDOW_SIZE, 1 << 20);
      lone.feed(frames.windowUpdate(0, 1 << 20));
      const message = Buffer.alloc(100_000, "m");
      const sink = lone.session.beginData(1, 5);
      for (let at = 0; at < message.length; at += 10_000) sink.append(message.subarray(at, at + 10_000));
      sink.bytes.write("prefi", lone.session.prefixOffset, "latin1");
      lone.session.endData(true);
      const sent = lone.sentFrames();
      assert.equal(Buffer.concat(sent.map((frame) => frame.payload)).toString(), `prefi${message}`);
      assert.deepEqual(
        sent.map((frame) => frame.flags),
        [0, 0, 0, 0, 0, 0, 1],
      );
    });

    it("sends END_STREAM on the last DATA frame", () => {
      const lone = openClient(2);
      lone.sendMessage(1, Buffer.from("x"), true);
      lone.sendMessage(3, Buffer.alloc(40_000), true);
      assert.deepEqual(lone.sent(), [
        "DATA 1 1 bytes END_STREAM",
        "DATA 3 16384 bytes",
        "DATA 3 16384 bytes",
        "DATA 3 7232 bytes END_STREAM",
      ]);
    });

    it("sends END_STREAM without data at once, whatever the windows are", () => {
      const lone = openClient(2, settingId.INITIAL_WINDOW_SIZE, 0);
      lone.session.sendData(1, Buffer.alloc(0), true);
      lone.sendMessage(3, Buffer.alloc(0), true);
      assert.deepEqual(lone.sent(), ["DATA 1 0 bytes END_STREAM", "DATA 3 0 bytes END_STREAM"]);
      assert.ok(!lone.session.maySend(1) && !lone.session.maySend(3));
    });

    it("sends END_STREAM behind a full turn, and with a negative window", () => {
      const lone = openClient(3, settingId.INITIAL_WINDOW_SIZE, 1 << 20);
      lone.feed(frames.windowUpdate(0, 1 << 20));
      for (let i = 0; i < 5; i++) lone.sendMessage(1, Buffer.alloc(16_000));
      lone.sendMessage(3, Buffer.alloc(0), true);
      const sent = lone.sent();
      assert.equal(sent.filter((text) => text === "DATA 1 16000 bytes").length, 5);
      assert.ok(sent.includes("DATA 3 0 bytes END_STREAM"));
      lone.sendMessage(5, Buffer.alloc(100));
      lone.feed(frames.settings(settingId.INITIAL_WINDOW_SIZE, 0));
      lone.sendMessage(5, Buffer.alloc(0), true);
      assert.deepEqual(lone.sent(), ["DATA 5 100 bytes", "SETTINGS ACK", "DATA 5 0 bytes END_STREAM"]);
    });

    it("sends an empty chunk without END_STREAM not at all", () => {
      const lone = openClient(1);
      assert.equal(lone.session.sendData(1, Buffer.alloc(0), false), true);
      assert.deepEqual(lone.sent(), []);
    });

    it("leaves no trace of a message that was given up", () => {
      const lone = openClient(1);
      lone.sendMessage(1, Buffer.from("one"));
      const sink = lone.session.beginData(1, 5);
      sink.append(Buffer.alloc(100_000));
      lone.session.abortData();
      lone.sendMessage(1, Buffer.from("two"));
      assert.deepEqual(lone.sentBytes(), bytesOf(frames.data(1, "one"), frames.data(1, "two")));
    });

    it("drops a message of a stream that has ended", () => {
      const lone = openClient(1);
      lone.session.beginData(1, 5).append(Buffer.from("late"));
      lone.session.resetStream(99, ErrorCode.CANCEL);
      assert.equal(lone.session.endData(false), true);
      lone.feed(frames.rst(1, ErrorCode.CANCEL));
      lone.sent();
      assert.equal(lone.sendMessage(1, Buffer.from("late")), true);
      assert.equal(lone.session.sendData(1, Buffer.from("late"), true), true);
      lone.session.sendHeaders(1, trailers, true);
      lone.session.resetStream(1, ErrorCode.CANCEL);
      lone.session.resetBehindQueue(1, ErrorCode.CANCEL);
      lone.session.releaseWindow(1, 0);
      assert.deepEqual(lone.sent(), []);
    });

    it("drops what comes behind END_STREAM, sent or queued", () => {
      const lone = openClient(2);
      lone.sendMessage(1, Buffer.from("x"), true);
      lone.sendMessage(1, Buffer.from("y"));
      lone.sendMessage(3, Buffer.alloc(20_000), true);
      lone.sendMessage(3, Buffer.from("y"));
      lone.session.sendHeaders(3, trailers, true);
      assert.deepEqual(lone.sent(), [
        "DATA 1 1 bytes END_STREAM",
        "DATA 3 16384 bytes",
        "DATA 3 3616 bytes END_STREAM",
      ]);
    });
  });

  describe("by reference", () => {
    it("sends a chunk as it is, in the peer's frames", () => {
      const lone = openClient(1);
      const chunk = Buffer.alloc(40_000, "r");
      assert.equal(lone.session.sendData(1, chunk, true), true);
      const chunks = lone.session.takeOutput(1 << 20);
      assert.ok(chunks.some((piece) => piece.buffer === chunk.buffer && piece.byteOffset === chunk.byteOffset));
      const sent = parseFrames(Buffer.concat(chunks));
      assert.deepEqual(
        sent.map((frame) => [frame.type, frame.flags, frame.payload.length]),
        [
          [0, 0, 16384],
          [0, 0, 16384],
          [0, 1, 7232],
        ],
      );
    });

    it("sends small chunks in few frames and in order", () => {
      const lone = openClient(1);
      const text = Array.from({ length: 1000 }, (_, i) => String(i)).join();
      for (const piece of text.match(/.{1,7}/g) ?? []) lone.session.sendData(1, Buffer.from(piece), false);
      lone.session.sendData(1, Buffer.alloc(0), true);
      const sent = lone.sentFrames();
      assert.equal(sent.length, 1);
      assert.equal(sent[0]?.payload.toString(), text);
      assert.equal(sent[0]?.flags, 1);
    });

    it("keeps messages in order, whichever way they came", () => {
      const lone = openClient(1, settingId.INITIAL_WINDOW_SIZE, 1 << 20);
      const parts: Buffer[] = [];
      for (let i = 0; i < 40; i++) {
        const bytes = Buffer.alloc([10, 3000, 20_000][i % 3] as number, i);
        parts.push(bytes);
        if (i % 2 === 0) lone.sendMessage(1, bytes);
        else lone.session.sendData(1, bytes, false);
      }
      lone.feed(frames.windowUpdate(0, 1 << 20));
      const sent = lone.sentFrames();
      assert.ok(Buffer.concat(sent.map((frame) => frame.payload)).equals(Buffer.concat(parts)));
    });
  });

  describe("order", () => {
    it("sends trailers behind queued data, and what overtakes before it", () => {
      const lone = openServer(1);
      lone.session.sendHeaders(1, response, false);
      lone.sendMessage(1, Buffer.alloc(20_000));
      lone.session.sendHeaders(1, trailers, true);
      lone.feed(frames.ping("aaaaaaaa"), frames.ping("bbbbbbbb"), frames.settings());
      lone.session.ping(Buffer.from("cccccccc"));
      assert.deepEqual(lone.sent(), [
        "PING ACK aaaaaaaa",
        "PING ACK bbbbbbbb",
        "PING cccccccc",
        "HEADERS 1",
        "SETTINGS ACK",
        "DATA 1 16384 bytes",
        "DATA 1 3616 bytes",
        "HEADERS 1 END_STREAM",
      ]);
    });

    it("answers PINGs in the order in which they came, with nothing else to send", () => {
      const lone = LoneSession.open("server");
      lone.feed(frames.ping("aaaaaaaa"), frames.ping("bbbbbbbb"), frames.ping("cccccccc"));
      assert.deepEqual(lone.sent(), ["PING ACK aaaaaaaa", "PING ACK bbbbbbbb", "PING ACK cccccccc"]);
    });

    it("gives every stream its turn, a frame each", () => {
      const lone = openClient(3, settingId.INITIAL_WINDOW_SIZE, 1 << 20);
      for (const id of [1, 3, 5]) lone.sendMessage(id, Buffer.alloc(40_000));
      const order = lone.sentFrames().map((frame) => frame.streamId);
      assert.deepEqual(order.slice(0, 4), [1, 3, 5, 1], "65535 bytes of connection window");
      lone.feed(frames.windowUpdate(0, 1 << 20));
      const rest = lone.sentFrames();
      assert.deepEqual(
        rest.map((frame) => frame.streamId),
        [3, 5, 1, 3, 5],
      );
    });

    it("does not let small messages pass a stream that waits for the connection's window", () => {
      const lone = openClient(2, settingId.INITIAL_WINDOW_SIZE, 1 << 20);
      lone.sendMessage(1, Buffer.alloc(100_000));
      lone.sent();
      for (let round = 0; round < 5; round++) {
        lone.feed(frames.windowUpdate(0, 1000));
        lone.sendMessage(3, Buffer.alloc(1000));
        const sent = lone.sent();
        assert.deepEqual(sent, [`DATA ${round % 2 === 0 ? 1 : 3} 1000 bytes`]);
      }
    });

    it("shares a turn out when one stream has had its share", () => {
      const lone = openClient(2, settingId.INITIAL_WINDOW_SIZE, 1 << 20);
      lone.feed(frames.windowUpdate(0, 1 << 20));
      for (let i = 0; i < 20; i++) lone.sendMessage(1, Buffer.alloc(10_000));
      lone.sendMessage(3, Buffer.alloc(10));
      const order = lone.sentFrames().map((frame) => frame.streamId);
      assert.ok(order.indexOf(3) < order.length - 3, `stream 3 came at ${order.indexOf(3)} of ${order.length}`);
    });

    it("sends frames of 64 KiB at most, however large the peer takes them", () => {
      const lone = openClient(1, settingId.INITIAL_WINDOW_SIZE, 1 << 24, settingId.MAX_FRAME_SIZE, 0xffffff);
      lone.feed(frames.windowUpdate(0, 1 << 24));
      lone.session.sendData(1, Buffer.alloc(1 << 20), false);
      const sizes = lone.sentFrames().map((frame) => frame.payload.length);
      assert.deepEqual(sizes, new Array(16).fill(65536));
    });
  });

  describe("resets", () => {
    it("drop what is queued", () => {
      const lone = openClient(1);
      lone.sendMessage(1, Buffer.alloc(20_000), true);
      lone.session.resetStream(1, ErrorCode.CANCEL);
      assert.deepEqual(lone.sent(), ["RST_STREAM 1 CANCEL"]);
      assert.equal(lone.session.openStreams, 0);
    });

    it("come behind what was sent already", () => {
      const lone = openClient(1);
      lone.sendMessage(1, Buffer.from("x"));
      lone.session.resetStream(1, 0x1234);
      assert.deepEqual(lone.sent(), ["DATA 1 1 bytes", "RST_STREAM 1 0x1234"]);
    });

    it("of a stream whose response is queued come behind it", () => {
      const lone = openServer(1);
      lone.session.sendHeaders(1, response, false);
      lone.sendMessage(1, Buffer.alloc(20_000));
      lone.session.sendHeaders(1, trailers, true);
      lone.session.resetBehindQueue(1, ErrorCode.NO_ERROR);
      assert.deepEqual(lone.sent(), [
        "HEADERS 1",
        "DATA 1 16384 bytes",
        "DATA 1 3616 bytes",
        "HEADERS 1 END_STREAM",
        "RST_STREAM 1 NO_ERROR",
      ]);
      assert.equal(lone.session.openStreams, 0);
    });

    it("behind a queue are not sent when the request has ended by then", () => {
      const lone = openServer(1);
      lone.session.sendHeaders(1, response, false);
      lone.sendMessage(1, Buffer.alloc(20_000), true);
      lone.session.resetBehindQueue(1, ErrorCode.NO_ERROR);
      lone.feed(frames.data(1, 0).endStream());
      assert.deepEqual(lone.sent().at(-1), "DATA 1 3616 bytes END_STREAM");
      assert.equal(lone.session.openStreams, 0);
    });

    it("behind an empty queue go at once", () => {
      const lone = openServer(2);
      lone.session.sendHeaders(1, trailers, true);
      lone.session.resetBehindQueue(1, ErrorCode.NO_ERROR);
      lone.session.resetBehindQueue(3, ErrorCode.CANCEL);
      assert.deepEqual(lone.sent(), ["HEADERS 1 END_STREAM", "RST_STREAM 1 NO_ERROR", "RST_STREAM 3 CANCEL"]);
    });
  });

  describe("saturation", () => {
    it("tells a sender to wait, and when to go on", () => {
      const lone = openClient(1, settingId.INITIAL_WINDOW_SIZE, 0);
      assert.equal(lone.sendMessage(1, Buffer.alloc(65_536)), true);
      assert.equal(lone.sendMessage(1, Buffer.alloc(1)), false);
      assert.equal(lone.session.sendData(1, Buffer.alloc(1), false), false);
      lone.feed(frames.windowUpdate(1, 32_769));
      lone.sent();
      assert.deepEqual(lone.events(), [], "more than half is queued");
      lone.feed(frames.windowUpdate(1, 1));
      lone.sent();
      assert.deepEqual(lone.events(), ["writable 1"]);
      lone.feed(frames.windowUpdate(1, 65_536));
      lone.sent();
      assert.deepEqual(lone.events(), [], "once");
    });

    it("tells no one whose stream has its end queued or was reset", () => {
      const lone = openClient(2, settingId.INITIAL_WINDOW_SIZE, 0);
      assert.equal(lone.sendMessage(1, Buffer.alloc(70_000), true), false);
      assert.equal(lone.sendMessage(3, Buffer.alloc(70_000)), false);
      lone.session.resetStream(3, ErrorCode.CANCEL);
      lone.feed(frames.windowUpdate(0, 1 << 20), frames.windowUpdate(1, 1 << 20));
      assert.equal(lone.sent().at(-1), "DATA 1 4464 bytes END_STREAM");
      assert.deepEqual(lone.events(), []);
    });
  });

  describe("takeOutput", () => {
    it("gives about as much as was asked for, and the rest later", () => {
      const lone = openClient(1);
      lone.session.sendData(1, Buffer.alloc(60_000), false);
      assert.ok(lone.session.hasOutput);
      const sizes: number[] = [];
      for (;;) {
        const bytes = Buffer.concat(lone.session.takeOutput(20_000));
        if (bytes.length === 0) break;
        sizes.push(bytes.length);
      }
      assert.deepEqual(sizes, [2 * 16393, 60_000 - 2 * 16384 + 2 * 9]);
      assert.ok(!lone.session.hasOutput);
    });

    it("writes into the same memory again once it was released", () => {
      const lone = openClient(1);
      const places = [false, true].map((isReleased) => {
        lone.session.ping(Buffer.alloc(8));
        lone.sendMessage(1, Buffer.from("x"));
        const offsets = lone.session.takeOutput(1000).map((chunk) => chunk.byteOffset);
        if (isReleased) lone.session.outputReleased();
        return offsets;
      });
      lone.session.ping(Buffer.alloc(8));
      lone.sendMessage(1, Buffer.from("x"));
      const again = lone.session.takeOutput(1000).map((chunk) => chunk.byteOffset);
      assert.notDeepEqual(places[1], places[0]);
      assert.deepEqual(again, [0, 0]);
    });

    it("has nothing to give while windows are used up", () => {
      const lone = openClient(2, settingId.INITIAL_WINDOW_SIZE, 70_000);
      lone.session.sendData(1, Buffer.alloc(70_000), false);
      lone.sent();
      assert.ok(!lone.session.hasOutput, "the connection's window is used up");
      lone.feed(frames.windowUpdate(0, 1 << 20));
      assert.ok(lone.session.hasOutput);
      lone.session.sendData(3, Buffer.alloc(80_000), false);
      lone.sent();
      assert.ok(!lone.session.hasOutput, "the stream's window is used up");
      lone.feed(frames.windowUpdate(3, 1));
      assert.ok(lone.session.hasOutput);
    });
  });

  it("encodes with the peer's header table, and says so in the first block after its SETTINGS (RFC 7541 §4.2)", () => {
    const lone = openClient(0);
    lone.session.openStream(request, true);
    lone.feed(frames.settings(settingId.HEADER_TABLE_SIZE, 0, settingId.HEADER_TABLE_SIZE, 100));
    lone.session.openStream(request, true);
    const [before, ack, after] = lone.sentFrames();
    assert.equal(ack?.type, frameType.SETTINGS);
    assert.equal((before?.payload[0] as number) & 0xe0, 0x80, "no size update");
    assert.equal(after?.payload.toString("hex", 0, 3), "203f45", "size updates to 0, then to 100");
  });

  it("keeps to a table of 4096 bytes, whatever the peer offers (RFC 7541 §4.2)", () => {
    const lone = openClient(0);
    lone.feed(frames.settings(settingId.HEADER_TABLE_SIZE, 0xffffffff));
    lone.session.openStream(request, true);
    const [, headers] = lone.sentFrames();
    assert.equal((headers?.payload[0] as number) & 0x80, 0x80, "no size update");
  });
});
