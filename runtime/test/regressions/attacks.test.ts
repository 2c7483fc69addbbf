import assert from "node:assert/strict";
import { HeaderBlock } from "../../src/hpack/header-block.js";
import { ErrorCode } from "../../src/http2/error-code.js";
import { LoneSession } from "../http2/lone-session.js";
import { bytesOf, clientPreface, frames } from "../support/frames.js";
import { request, ServerFixture } from "../transport/server-fixture.js";

const requestHeaders = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m"]);
/** `a: 1` into the dynamic table, and the same by its index. */
const insertA = Buffer.from("4001610131", "hex");
const indexA = Buffer.of(0xbe);

function blockOf(path: string, ...more: Buffer[]): Buffer {
  return Buffer.concat([frames.headers(1).request(path).build().subarray(9), ...more]);
}

describe("Regressions: attacks on many", () => {
  it("R92 nghttp2 CVE-2016-1544: a header list over the limit is refused, the table stays right, the connection goes on", () => {
    const lone = LoneSession.open("server", { maxHeaderListBytes: 1000 });
    const large = blockOf(`/${"x".repeat(1500)}`, insertA);
    assert.deepEqual(lone.feed(frames.headers(1).block(large).endStream()), []);
    assert.deepEqual(lone.sent(), ["RST_STREAM 1 ENHANCE_YOUR_CALM"]);
    assert.equal(lone.session.openStreams, 0);
    const [event] = lone.feedEvents(frames.headers(3).block(blockOf("/s/m", indexA)));
    assert.ok(event?.type === "headers");
    assert.equal(event.headers.get("a"), "1");
  });

  it("R93 HTTP/2 Bomb CVE-2026-49975, CVE-2026-47774: a list of many small fields is refused by their number", () => {
    const lone = LoneSession.open("server");
    const bomb = Buffer.concat([insertA, Buffer.alloc(130, 0xbe)]);
    assert.deepEqual(lone.feed(frames.headers(1).block(blockOf("/s/m", bomb))), []);
    assert.deepEqual(lone.sent(), ["RST_STREAM 1 ENHANCE_YOUR_CALM"]);
    const cookies = Array.from({ length: 130 }, () => ["cookie", "a"]).flat();
    assert.deepEqual(lone.feed(frames.headers(3).request("/s/m", ...cookies)), [], "crumbs of a cookie count each");
    assert.deepEqual(lone.sent(), ["RST_STREAM 3 ENHANCE_YOUR_CALM"]);
  });

  it("R94 h2 0.4.15: a header list that is far too large does not leave the connection open", () => {
    const lone = LoneSession.open("server", { maxHeaderListBytes: 1000 });
    const bomb = Buffer.concat([insertA, Buffer.alloc(200, 0xbe)]);
    const events = lone.feedEvents(frames.headers(1).block(blockOf("/s/m", bomb)));
    assert.equal(LoneSession.closedMessage(events), "header list is over 4000 bytes, 4 times the limit");
    assert.deepEqual(lone.sent(), ["GOAWAY 0 COMPRESSION_ERROR"]);
  });

  it("R95 grpc-core CVE-2024-7246, CVE-2023-32731: a block that cannot be decoded ends the connection, whoever it was for", () => {
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

  it("R100 grpc-core CVE-2023-1428: te that is not trailers, and an odd :scheme, end a request and crash nothing", () => {
    const common = ["content-type", "application/grpc"];
    for (const te of ["x", "Trailers", "trailers, x", "gzip", ""]) {
      const fixture = new ServerFixture();
      fixture.client.send(
        frames.headers(1).request("/test.v1.Text/Talk", "te", te, ...common, "grpclb_client_stats", "x"),
      );
      assert.deepEqual(fixture.client.sentOfCalls(), ["RST_STREAM 1 PROTOCOL_ERROR"], te);
      assert.deepEqual(fixture.closed, []);
    }
    const fixture = new ServerFixture();
    const odd = [":method", "POST", ":scheme", "x", ":path", "/test.v1.Text/Talk", ":authority", "a", "te", "trailers"];
    fixture.client.send(frames.headers(1).fields(...odd, ...common));
    assert.deepEqual(fixture.closed, []);
  });

  it("R101 CVE-2019-9516: fields without a name, or without anything, are neither kept nor taken", () => {
    for (const fields of [
      ["", ""],
      ["", "x"],
      ["a", "b", "", "c"],
    ]) {
      const lone = LoneSession.open("server");
      assert.deepEqual(lone.feed(frames.headers(1).request("/s/m", ...fields)), []);
      assert.deepEqual(lone.sent(), ["RST_STREAM 1 PROTOCOL_ERROR"]);
    }
    const lone = LoneSession.open("server");
    const nothing = Buffer.concat(Array.from({ length: 600 }, () => Buffer.of(0x00, 0x00, 0x00)));
    const events = lone.feedEvents(frames.headers(1).block(blockOf("/s/m", nothing)));
    assert.match(LoneSession.closedMessage(events), /over 512 fields/, "a field of no octets counts too");
  });

  it("R102 CVE-2022-41723, grpc-core CVE-2023-33953: integers with leading zeros without end are not read on and on", () => {
    for (const zeros of [4, 5, 100, 10_000]) {
      const integer = Buffer.concat([Buffer.of(0xff), Buffer.alloc(zeros, 0x80), Buffer.of(0)]);
      const lone = LoneSession.open("server");
      const events = lone.feedEvents(frames.headers(1).block(integer));
      assert.equal(LoneSession.closedMessage(events), "HPACK integer at octet 0 is longer than 5 octets");
    }
  });

  it("R103 golang CVE-2022-41721, CVE-2026-56853: an upgrade from HTTP/1.1 is not taken, nor what stands behind it", () => {
    const upgrade =
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n\r\n";
    const fixture = new ServerFixture({ settings: undefined });
    fixture.client.send(bytesOf(Buffer.from(upgrade), clientPreface, frames.settings(), request(1)));
    assert.deepEqual(fixture.handlers.calls, []);
    assert.deepEqual(fixture.client.sentOfCalls(), ["GOAWAY 0 PROTOCOL_ERROR"]);
    fixture.platform.advance(1000);
    assert.match(fixture.closed.join(), /the client speaks HTTP\/1.1/);
  });

  it("R104 CVE-2016-0150: a second request on the id of a first one does not run, whatever became of the first", () => {
    const ends: Record<string, (fixture: ServerFixture) => void> = {
      "which runs": () => undefined,
      "which was reset": (fixture) => fixture.client.send(frames.rst(1, ErrorCode.CANCEL)),
      "which was answered": (fixture) => {
        fixture.client.send(frames.data(1, 0).endStream());
        fixture.handlers.call.sink.onStatus({ code: 0, message: "" });
        fixture.platform.runTurns();
      },
    };
    for (const [what, end] of Object.entries(ends)) {
      const fixture = new ServerFixture();
      fixture.client.send(request(1));
      end(fixture);
      fixture.client.take();
      fixture.client.send(request(1));
      assert.equal(fixture.handlers.calls.length, 1, what);
      assert.match(fixture.client.sentOfCalls().join(), /^(RST_STREAM|GOAWAY) 1 (STREAM_CLOSED|PROTOCOL_ERROR)$/, what);
    }
    const lone = LoneSession.open("client", { maxStreamId: 5 });
    const ids = [1, 2, 3, 4].map(() => lone.session.openStream(requestHeaders, true));
    assert.deepEqual(ids, [1, 3, 5, undefined], "ids that are used up leave no slots");
    assert.equal(lone.session.streamSlots(), 0);
  });

  it("R106 node CVE-2021-22883: a connection on which nothing sensible comes is not held for ever", () => {
    const beginnings = [Buffer.alloc(0), clientPreface.subarray(0, 23), clientPreface, Buffer.from("PRI * HTT")];
    for (const beginning of beginnings) {
      const fixture = new ServerFixture({ settings: undefined });
      if (beginning.length > 0) fixture.client.send(beginning);
      fixture.platform.advance(19_999);
      assert.deepEqual(fixture.closed, []);
      fixture.platform.advance(1001);
      assert.deepEqual(fixture.closed, ["the peer's preface and SETTINGS did not come in time"]);
      assert.ok(fixture.link.server.isClosed);
      fixture.platform.assertQuiet();
    }
  });

  it("R108 node CVE-2026-21710: metadata called __proto__ is a key like others", () => {
    const fixture = new ServerFixture();
    fixture.client.send(request(1, "__proto__", "a", "constructor", "b", "__proto__", "c"));
    const { metadata } = fixture.handlers.call.headers;
    assert.deepEqual(metadata.getAll("__proto__"), ["a", "c"]);
    assert.deepEqual(metadata.getAll("constructor"), ["b"]);
    assert.equal(JSON.stringify(metadata), '{"__proto__":["a","c"],"constructor":["b"]}');
    assert.equal(({} as Record<string, unknown>)["a"], undefined);
  });
});
