import assert from "node:assert/strict";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { ErrorCode } from "../../../src/http2/error-code.js";
import { bytesOf, frames, settingId } from "../../support/frames.js";
import { LoneSession } from "../lone-session.js";

/** Faults that other implementations shipped. Those that belong to one subject stand with it, under an "R" of their own. */

const request = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m"]);
/** `a: 1` into the dynamic table, and the same by its index. */
const insertA = Buffer.from("4001610131", "hex");
const indexA = Buffer.of(0xbe);

function blockOf(path: string, ...more: Buffer[]): Buffer {
  return Buffer.concat([frames.headers(1).request(path).build().subarray(9), ...more]);
}

describe("Http2Session: faults that others shipped", () => {
  it("R A4 CVE-2016-1544: a header list over the limit is refused, the table stays right, the connection goes on", () => {
    const lone = LoneSession.open("server", { maxHeaderListBytes: 1000 });
    assert.deepEqual(
      lone.feed(
        frames
          .headers(1)
          .block(blockOf(`/${"x".repeat(1500)}`, insertA))
          .endStream(),
      ),
      [],
    );
    assert.deepEqual(lone.sent(), ["RST_STREAM 1 ENHANCE_YOUR_CALM"]);
    assert.equal(lone.session.openStreams, 0);
    const [event] = lone.feedEvents(frames.headers(3).block(blockOf("/s/m", indexA)));
    assert.ok(event?.type === "headers");
    assert.equal(event.headers.get("a"), "1");
  });

  it("R CVE-2026-49975, CVE-2026-47774: a header list of many small fields is refused by their number", () => {
    const lone = LoneSession.open("server");
    const bomb = Buffer.concat([insertA, Buffer.alloc(130, 0xbe)]);
    assert.deepEqual(lone.feed(frames.headers(1).block(blockOf("/s/m", bomb))), []);
    assert.deepEqual(lone.sent(), ["RST_STREAM 1 ENHANCE_YOUR_CALM"]);
    const cookies = Array.from({ length: 130 }, () => ["cookie", "a"]).flat();
    assert.deepEqual(lone.feed(frames.headers(3).request("/s/m", ...cookies)), [], "crumbs of a cookie count each");
    assert.deepEqual(lone.sent(), ["RST_STREAM 3 ENHANCE_YOUR_CALM"]);
  });

  it("R A4: a header list over four times the limit ends the connection", () => {
    const lone = LoneSession.open("server", { maxHeaderListBytes: 1000 });
    const bomb = Buffer.concat([insertA, Buffer.alloc(200, 0xbe)]);
    const events = lone.feedEvents(frames.headers(1).block(blockOf("/s/m", bomb)));
    assert.equal(LoneSession.closedMessage(events), "header list is over 4000 bytes, 4 times the limit");
    assert.deepEqual(lone.sent(), ["GOAWAY 0 COMPRESSION_ERROR"]);
  });

  it("R A6 CVE-2024-7246: a block that cannot be decoded ends the connection, whoever it was for", () => {
    for (const prepare of [
      (lone: LoneSession) => lone.session.resetStream(1, ErrorCode.CANCEL),
      (lone: LoneSession) => void lone.feed(frames.rst(1, 8)),
      () => undefined,
    ]) {
      const lone = LoneSession.open("server");
      lone.feed(frames.headers(1).request());
      prepare(lone);
      const events = lone.feedEvents(frames.headers(1).block(Buffer.of(0xc0)).endStream());
      assert.equal(LoneSession.closedMessage(events), "HPACK index is 64, expected 1 to 61");
    }
  });

  it("R A11 CVE-2026-21714, CVE-2026-48937: nothing is read after a fatal error", () => {
    const lone = LoneSession.open("server");
    lone.feed(frames.data(0, 1));
    assert.deepEqual(lone.sent(), ["GOAWAY 0 PROTOCOL_ERROR"]);
    for (let i = 0; i < 10; i++) assert.deepEqual(lone.feed(frames.headers(1).request(), frames.settings()), []);
    assert.deepEqual(lone.sent(), []);
    assert.equal(lone.session.openStreams, 0);
    assert.equal(lone.session.nextTimeout(), undefined);
  });

  it("R CVE-2026-27135: input of any kind after the end is no error of ours", () => {
    const lone = LoneSession.open("client");
    lone.session.close(0, "");
    lone.events();
    for (let type = 0; type < 12; type++) lone.feed(frames.raw(type, 0xff, 1, Buffer.alloc(9)));
    lone.session.receiveEnd(0);
    assert.deepEqual(lone.events(), []);
  });

  it("R A16: ids that are used up leave no slots (RFC 9113 §5.1.1)", () => {
    const lone = LoneSession.open("client", { maxStreamId: 5 });
    assert.deepEqual(
      [1, 2, 3, 4].map(() => lone.session.openStream(request, true)),
      [1, 3, 5, undefined],
    );
    assert.equal(lone.session.streamSlots(), 0);
  });

  it("R A18 (H2 #914): 255 bytes of padding around nothing, on DATA and on HEADERS", () => {
    const lone = LoneSession.open("server");
    assert.deepEqual(lone.feed(frames.headers(1).request().padded(255)), ["headers 1"]);
    assert.deepEqual(lone.feed(frames.data(1, 0).padded(255).endStream()), ["data 1 0 bytes END_STREAM"]);
  });

  it("R (Haskell http2): content-length does not count padding", () => {
    const lone = LoneSession.open("server");
    lone.feed(frames.headers(1).request("/s/m", "content-length", "3"));
    assert.deepEqual(lone.feed(frames.data(1, 3).padded(100).endStream()), ["data 1 3 bytes END_STREAM"]);
  });

  it("R (Haskell http2): an empty header block is an empty list", () => {
    const lone = LoneSession.open("server");
    assert.deepEqual(lone.feed(frames.headers(1)), []);
    assert.deepEqual(lone.sent(), ["RST_STREAM 1 PROTOCOL_ERROR"], "no request");
    lone.feed(frames.headers(3).request());
    assert.deepEqual(lone.feed(frames.headers(3).endStream()), ["headers 3 END_STREAM"], "but trailers");
  });

  it("R (Haskell http2): a refused request's block is decoded to its end", () => {
    const lone = LoneSession.open("server", { maxConcurrentStreams: 1 });
    lone.feed(frames.headers(1).request());
    lone.feed(frames.headers(3).block(blockOf("/s/m", insertA)));
    assert.deepEqual(lone.sent(), ["RST_STREAM 3 REFUSED_STREAM"]);
    lone.feed(frames.headers(1).block(indexA).endStream());
    assert.deepEqual(lone.sent(), []);
    assert.ok(!lone.session.closed);
  });

  it("R (h2 0.4): takeOutput(0) takes what is committed and nothing loops", () => {
    const lone = LoneSession.open("client");
    lone.session.openStream(request, false);
    lone.session.sendData(1, Buffer.alloc(100), true);
    assert.ok(Buffer.concat(lone.session.takeOutput(0)).length > 0, "HEADERS");
    assert.deepEqual(lone.session.takeOutput(0), []);
    assert.deepEqual(lone.sent(), ["DATA 1 100 bytes END_STREAM"]);
  });

  it("R (h2 0.4): DATA behind GOAWAY still counts against the window and comes to its stream", () => {
    const lone = LoneSession.open("client");
    lone.session.openStream(request, true);
    lone.sent();
    lone.feed(frames.goAway(1, 0), frames.headers(1).response());
    assert.deepEqual(lone.feed(frames.data(1, 16384)), ["data 1 16384 bytes"]);
    assert.deepEqual(lone.feed(frames.data(1, 9).endStream()), ["data 1 9 bytes END_STREAM"]);
  });

  it("R CVE-2026-50560: a peer that takes no headers at all is told of in time", () => {
    const lone = LoneSession.open("server", {}, settingId.MAX_HEADER_LIST_SIZE, 0);
    assert.equal(lone.session.maxSendHeaderListBytes, 0);
  });

  it("R (grpc-js): the end of a request follows its last message at once, in the same frame", () => {
    const lone = LoneSession.open("client");
    lone.session.openStream(request, false);
    lone.sendMessage(1, Buffer.from("last"), true);
    assert.deepEqual(lone.sent(), ["HEADERS 1", "DATA 1 4 bytes END_STREAM"]);
  });

  it("R A1: a request and its reset in one chunk are told in order, so that no handler need start", () => {
    const lone = LoneSession.open("server");
    const rapid = Array.from({ length: 20 }, (_, i) =>
      bytesOf(
        frames
          .headers(2 * i + 1)
          .request()
          .endStream(),
        frames.rst(2 * i + 1, 8),
      ),
    );
    const events = lone.feed(...rapid);
    assert.deepEqual(events.slice(0, 2), ["headers 1 END_STREAM", "reset 1 CANCEL remote"]);
    assert.equal(events.length, 40);
    assert.equal(lone.session.openStreams, 0);
  });
});
