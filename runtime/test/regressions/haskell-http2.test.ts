import assert from "node:assert/strict";
import { HeaderBlock } from "../../src/hpack/header-block.js";
import { ErrorCode } from "../../src/http2/error-code.js";
import { LoneSession } from "../http2/lone-session.js";
import type { EchoHandlers } from "../support/echo-service.js";
import { bytesOf, frames, frameType, hpackLiterals, type Part } from "../support/frames.js";
import { SessionPair } from "../support/session-pair.js";
import { echoRequest, serveEcho } from "./served-client.js";

const request = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m"]);
/** `a: 1` into the dynamic table, and the same by its index. */
const insertA = Buffer.from("4001610131", "hex");
const indexA = Buffer.of(0xbe);

function blockOf(path: string, ...more: Buffer[]): Buffer {
  return Buffer.concat([frames.headers(1).request(path).build().subarray(9), ...more]);
}

/** How much window a session gave back, by stream. */
function windows(lone: LoneSession): Map<number, number> {
  const sums = new Map<number, number>();
  for (const { type, streamId, payload } of lone.sentFrames()) {
    if (type === frameType.WINDOW_UPDATE) sums.set(streamId, (sums.get(streamId) ?? 0) + payload.readUInt32BE(0));
  }
  return sums;
}

describe("Regressions: http2 of Haskell", () => {
  it("R43 haskell http2 5.4: an integer of HPACK without end does not wrap round, wherever it stands", () => {
    const endless = Buffer.alloc(20, 0xff);
    const places: Record<string, Buffer> = {
      "an index": Buffer.of(0xff),
      "the index of a name": Buffer.of(0x7f),
      "the index of a name that is not indexed": Buffer.of(0x0f),
      "the length of a name": Buffer.of(0x40, 0x7f),
      "the length of a value": Buffer.of(0x40, 0x01, 0x61, 0x7f),
      "the length of a coded value": Buffer.of(0x40, 0x01, 0x61, 0xff),
      "a table size": Buffer.of(0x3f),
    };
    // 2^32 + 5 and 2^35 + 5 behind a full prefix: what is left of them in 32 bits would be a good number.
    const wrapping = [
      Buffer.from("8580808010", "hex"),
      Buffer.from("858080808001", "hex"),
      Buffer.from("8080808000", "hex"),
    ];
    for (const [place, first] of Object.entries(places)) {
      for (const rest of [endless, ...wrapping]) {
        const lone = LoneSession.open("server");
        const events = lone.feedEvents(
          frames
            .headers(1)
            .block(Buffer.concat([first, rest]))
            .endStream(),
        );
        assert.match(LoneSession.closedMessage(events), /^HPACK integer at octet \d is/, place);
        assert.deepEqual(lone.sent(), ["GOAWAY 0 COMPRESSION_ERROR"]);
      }
    }
  });

  it("R45 haskell http2 5.4: a handler that waits for its request does not wait on when the request is reset", async () => {
    const ended: string[] = [];
    const handlers: Partial<EchoHandlers> = {
      async upload(requests, context) {
        try {
          for await (const _ of requests);
        } finally {
          ended.push(context.signal.aborted ? "aborted" : "left");
        }
        return {};
      },
    };
    const { client, platform, end } = await serveEcho(handlers, { maxConcurrentCalls: 5 });
    for (let round = 0; round < 20; round++) {
      const ids = [1, 3, 5, 7, 9].map((id) => 10 * round + id);
      client.send(...ids.map((id) => echoRequest(id, "Upload")));
      await platform.settle();
      client.send(...ids.map((id) => frames.rst(id, ErrorCode.CANCEL)));
      await platform.settle();
      assert.equal(ended.length, 5 * (round + 1), "no place of the five is held by a call that is over");
    }
    assert.deepEqual(new Set(ended), new Set(["aborted"]));
    await end();
  });

  it("R46 haskell http2 5.4: a coded value of more than 4096 octets is not cut off", () => {
    const pair = SessionPair.open();
    for (const size of [4095, 4096, 4097, 5000, 16_000]) {
      const value = "e0a5".repeat(size).slice(0, size);
      pair.client.session.openStream(new HeaderBlock(["x", value], request), true);
      pair.drive();
      const [event] = pair.server.drainEvents();
      assert.ok(event?.type === "headers");
      assert.ok(event.headers.get("x") === value, `a value of ${size} octets`);
    }
    assert.ok(pair.client.sentBytes < 34_288, "the values went coded");
  });

  it("R47 haskell http2 5.4: an empty header block is an empty list, and crashes nothing", () => {
    const lone = LoneSession.open("server");
    assert.deepEqual(lone.feed(frames.headers(1)), []);
    assert.deepEqual(lone.sent(), ["RST_STREAM 1 PROTOCOL_ERROR"], "no request");
    lone.feed(frames.headers(3).request());
    assert.deepEqual(lone.feed(frames.headers(3).endStream()), ["headers 3 END_STREAM"], "but trailers");
    const split = [frames.headers(5).unfinished(), frames.continuation(5, Buffer.alloc(0)).endHeaders()];
    assert.deepEqual(lone.feed(...split), []);
    assert.deepEqual(lone.sent(), ["RST_STREAM 5 PROTOCOL_ERROR"]);
  });

  it("R48 haskell http2 5.4: a block of a request that is refused is decoded to its end, and the table stays right", () => {
    const refused: Record<string, Buffer> = {
      "above the limit of streams": blockOf("/s/m", insertA),
      "a name in upper case": Buffer.concat([hpackLiterals("BAD", "x"), blockOf("/s/m", insertA)]),
      "no :path": Buffer.concat([hpackLiterals(":method", "POST", ":scheme", "http"), insertA]),
      "a pseudo-header that nobody knows": Buffer.concat([hpackLiterals(":evil", "x"), insertA]),
      "a list above the limit": Buffer.concat([hpackLiterals("x", "y".repeat(20_000)), insertA]),
      "too many fields": Buffer.concat([...Array.from({ length: 200 }, () => hpackLiterals("a", "b")), insertA]),
    };
    for (const [what, block] of Object.entries(refused)) {
      const lone = LoneSession.open("server", { maxConcurrentStreams: 1, maxFrameBytes: 65_536 });
      if (what === "above the limit of streams") lone.feed(frames.headers(1).request());
      assert.deepEqual(lone.feed(frames.headers(3).block(block)), [], what);
      assert.match(lone.sent().join(), /^RST_STREAM 3 [A-Z_]+$/, what);
      lone.session.resetStream(1, ErrorCode.CANCEL);
      const [event] = lone.feedEvents(frames.headers(5).block(blockOf("/s/m", indexA)));
      assert.ok(event?.type === "headers", what);
      assert.equal(event.headers.get("a"), "1", what);
    }
  });

  it("R49 haskell http2 5.4: DATA that is ignored counts against the connection's window, and is given back to it", () => {
    const ways: Record<string, (lone: LoneSession) => void> = {
      "we reset the stream": (lone) => lone.session.resetStream(1, ErrorCode.CANCEL),
      "the client reset it": (lone) => void lone.feed(frames.rst(1, ErrorCode.CANCEL)),
      "we refused it": (lone) => void lone.feed(frames.headers(3).fields("bad", "request")),
    };
    for (const [what, close] of Object.entries(ways)) {
      const id = what === "we refused it" ? 3 : 1;
      const lone = LoneSession.open("server", { connectionWindowBytes: 65_535, streamWindowBytes: 262_144 });
      lone.feed(frames.headers(1).request());
      close(lone);
      lone.sent();
      let returned = 0;
      for (let i = 0; i < 20; i++) {
        assert.deepEqual(lone.feed(frames.data(id, 10_000)), [], what);
        returned += windows(lone).get(0) ?? 0;
      }
      assert.equal(returned, 200_000, what);
      const held = [frames.headers(5).request(), ...[1, 2, 3, 4].map(() => frames.data(5, 16_000))];
      assert.equal(lone.feed(...held).length, 5, what);
      const events = lone.feedEvents(frames.data(id, 1_536));
      assert.equal(LoneSession.closedMessage(events), "DATA exceeds the connection's flow-control window", what);
    }
  });

  it("R50 haskell http2 5.4: GOAWAY names the last stream that runs, not one that has ended or none", () => {
    const fatal: [Part, string][] = [
      [frames.data(0, 1), "PROTOCOL_ERROR"],
      [frames.raw(6, 0, 0, Buffer.alloc(1)), "FRAME_SIZE_ERROR"],
      [frames.headers(1).block(Buffer.of(0xff)), "COMPRESSION_ERROR"],
    ];
    for (const [part, code] of fatal) {
      const lone = LoneSession.open("server");
      lone.feed(...[1, 3, 5, 7].map((id) => frames.headers(id).request()));
      lone.feed(frames.rst(1, ErrorCode.CANCEL), frames.data(5, 0).endStream());
      lone.session.sendHeaders(5, new HeaderBlock([":status", "200"]), true);
      lone.sent();
      lone.feed(part);
      assert.deepEqual(lone.sent(), [`GOAWAY 7 ${code}`]);
    }
  });

  it("R51 haskell http2 5.4: content-length is not held against padding", () => {
    const lone = LoneSession.open("server");
    lone.feed(frames.headers(1).request("/s/m", "content-length", "3"));
    assert.deepEqual(lone.feed(frames.data(1, 3).padded(100).endStream()), ["data 1 3 bytes END_STREAM"]);
    lone.feed(frames.headers(3).request("/s/m", "content-length", "3"));
    assert.deepEqual(lone.feed(frames.data(3, 2).padded(1).endStream()), ["reset 3 PROTOCOL_ERROR local"]);
  });

  it("R52 haskell http2 5.4: of two table sizes in one block the smaller one empties the table, though the larger one holds", () => {
    const toNothing = Buffer.of(0x20);
    const to4096 = Buffer.from("3fe11f", "hex");
    for (const [sizes, survives] of [
      [[toNothing, to4096], false],
      [[to4096, toNothing], false],
      [[to4096, to4096], true],
    ] as const) {
      const lone = LoneSession.open("server");
      lone.feed(frames.headers(1).block(blockOf("/s/m", insertA)));
      const events = lone.feedEvents(frames.headers(3).block(bytesOf(...sizes, blockOf("/s/m", indexA))));
      if (survives) assert.ok(events[0]?.type === "headers" && events[0].headers.get("a") === "1");
      else assert.match(LoneSession.closedMessage(events), /^HPACK index is 62, expected 1 to 61$/);
    }
  });
});
