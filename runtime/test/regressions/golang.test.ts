import assert from "node:assert/strict";
import { HpackDecoder } from "../../src/hpack/decoder.js";
import { flatFields, HeaderBlock } from "../../src/hpack/header-block.js";
import { ErrorCode } from "../../src/http2/error-code.js";
import { LoneSession } from "../http2/lone-session.js";
import { describeFrame, frames, frameType, type Part, settingId } from "../support/frames.js";
import { retainedHeapBytes } from "../support/retained-heap.js";
import { smallWindows } from "../transport/client-fixture.js";
import { request, ServerFixture } from "../transport/server-fixture.js";
import { framed } from "../transport/text-method.js";

const requestHeaders = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m", ":authority", "a"]);
const roles = ["client", "server"] as const;

/** A session with stream 1 open and its headers gone. */
function withStream(role: "client" | "server"): LoneSession {
  const lone = LoneSession.open(role);
  if (role === "client") lone.session.openStream(requestHeaders, false);
  else lone.feed(frames.headers(1).request());
  lone.sent();
  return lone;
}

/** The table size updates that a block begins with (RFC 7541 §6.3). */
function sizeUpdates(block: Buffer): number[] {
  const updates: number[] = [];
  for (let at = 0; ((block[at] as number) & 0xe0) === 0x20; ) {
    let value = (block[at++] as number) & 0x1f;
    if (value === 0x1f) {
      let octet = 0x80;
      for (let shift = 0; octet >= 0x80; shift += 7) {
        octet = block[at++] as number;
        value += (octet & 0x7f) << shift;
      }
    }
    updates.push(value);
  }
  return updates;
}

describe("Regressions: net/http and golang.org/x/net/http2", () => {
  it("R01 golang CVE-2026-27141: a frame of type 0x0a to 0x10, however short, does not crash the reader", () => {
    for (const role of roles) {
      for (let type = 0x0a; type <= 0x10; type++) {
        for (let length = 0; length <= 10; length++) {
          const lone = withStream(role);
          for (const id of [0, 1, 2, 9]) {
            assert.deepEqual(lone.feed(frames.raw(type, 0xff, id, Buffer.alloc(length, 0xff))), []);
          }
          assert.deepEqual(lone.feed(frames.ping("still on")), []);
          assert.deepEqual(lone.sent(), ["PING ACK still on"]);
        }
      }
    }
  });

  it("R02 golang CVE-2026-33814: SETTINGS_MAX_FRAME_SIZE of 0 does not make the writer of a large header block loop", () => {
    for (const bytes of [0, 1, 16383, 16777216, 0xffffffff]) {
      const lone = LoneSession.open("client");
      const events = lone.feedEvents(frames.settings(settingId.MAX_FRAME_SIZE, bytes));
      assert.equal(
        LoneSession.closedMessage(events),
        `SETTINGS_MAX_FRAME_SIZE is ${bytes}, expected 16384 to 16777215`,
      );
      assert.equal(lone.session.openStream(requestHeaders, true), undefined);
      assert.deepEqual(lone.sent(), ["GOAWAY 0 PROTOCOL_ERROR"]);
    }
    const lone = LoneSession.open("client", {}, settingId.MAX_FRAME_SIZE, 16384);
    lone.session.openStream(new HeaderBlock(["x", "~".repeat(40_000)], requestHeaders), true);
    assert.deepEqual(lone.sent(), ["HEADERS 1 END_STREAM unfinished", "CONTINUATION 1 unfinished", "CONTINUATION 1"]);
  });

  it("R03 golang CVE-2026-78659: what a header's value lists (trailer, cookie, -bin) does not grow into structures", () => {
    const fixture = new ServerFixture();
    const list = ",".repeat(12_000);
    fixture.client.send(request(1, "trailer", list, "cookie", ";".repeat(3000)));
    const { metadata } = fixture.handlers.call.headers;
    assert.deepEqual(
      [...metadata].map(([key, value]) => [key, value.length]),
      [["cookie", 3000]],
    );
    const other = new ServerFixture();
    other.client.send(request(1, "x-bin", list));
    assert.equal(other.handlers.calls.length, 0);
    assert.match(other.client.sentOfCalls().join(), /grpc-status: 13, .*more than 256 values/);
  });

  it("R04 golang CVE-2026-78660: headers that would frame a message in HTTP/1.1 are not taken, nor two content-lengths", () => {
    const malformed = [
      ["connection", "close"],
      ["keep-alive", "1"],
      ["proxy-connection", "close"],
      ["transfer-encoding", "chunked"],
      ["upgrade", "h2c"],
      ["content-length", "5", "content-length", "6"],
      ["content-length", "5, 5"],
      ["content-length", "+5"],
      ["content-length", ""],
      ["content-length", "99999999999999999999"],
    ];
    for (const fields of malformed) {
      const server = LoneSession.open("server");
      assert.deepEqual(server.feed(frames.headers(1).request("/s/m", ...fields)), [], fields.join());
      assert.deepEqual(server.sent(), ["RST_STREAM 1 PROTOCOL_ERROR"], fields.join());
      const client = withStream("client");
      assert.deepEqual(client.feed(frames.headers(1).response(200, ...fields)), ["reset 1 PROTOCOL_ERROR local"]);
      const trailers = withStream("client");
      trailers.feed(frames.headers(1).response());
      if (fields[0] === "content-length") continue;
      assert.deepEqual(
        trailers.feed(
          frames
            .headers(1)
            .fields(...fields)
            .endStream(),
        ),
        ["reset 1 PROTOCOL_ERROR local"],
      );
    }
    const same = withStream("client");
    const twice = frames.headers(1).response(200, "content-length", "5", "content-length", "5");
    assert.deepEqual(same.feed(twice), ["headers 1"], "one value said twice is one value");
  });

  it("R05 golang CVE-2026-78663: unread bytes of a stream that was reset go back to the connection's window once", () => {
    const fixture = new ServerFixture({ limits: smallWindows });
    let flow = 0;
    let returned = 0;
    for (let id = 1; id < 100; id += 2) {
      fixture.client.send(request(id));
      const call = fixture.handlers.calls.at(-1);
      assert.ok(call);
      call.writable = false;
      const bytes = framed("x".repeat(9000));
      for (let i = 0; i < 3; i++) fixture.client.send(frames.data(id, bytes).padded(7));
      flow += 3 * (bytes.length + 8);
      if (id % 4 === 1) fixture.client.send(frames.rst(id, ErrorCode.CANCEL));
      else call.sink.onStatus({ code: 0, message: "" });
      // Whoever still holds the call reads on: there is nothing left to be given back.
      call.sink.onWritable();
      call.sink.onWritable();
      returned += fixture.client.windows()[0] ?? 0;
      assert.ok(returned <= flow, `${returned} bytes of ${flow} came back`);
      assert.ok(flow - returned < 32_768, `${flow - returned} bytes are missing`);
    }
    assert.deepEqual(fixture.closed, []);
  });

  it("R07 golang CVE-2026-97032: a table size that changes while headers are sent does not corrupt what the peer decodes", () => {
    const lone = LoneSession.open("client");
    const decoder = new HpackDecoder({ maxTableSize: 4096, maxListBytes: 65_536, maxFields: 128 });
    const sizes = [4096, 0, 4096, 100, 50, 4000, 0xffffffff, 0, 0, 200];
    let size = 4096;
    for (let round = 0; round < 200; round++) {
      lone.now += 1000;
      const asked = Array.from({ length: 1 + (round % 3) }, (_, i) => sizes[(round + i) % sizes.length] as number);
      const expected = ["a", `value ${round % 5}`, `name-${round % 7}`, "b"];
      // One call is on its way out when SETTINGS come, another follows in the same turn.
      const before = lone.session.openStream(new HeaderBlock(expected, requestHeaders), true) as number;
      const settings = asked.flatMap((value) => [settingId.HEADER_TABLE_SIZE, value]);
      assert.deepEqual(lone.feed(frames.settings(...settings)), ["settings"]);
      const after = lone.session.openStream(new HeaderBlock(expected, requestHeaders), true) as number;
      const sent = lone.sentFrames();
      const words = [`HEADERS ${before} END_STREAM`, "SETTINGS ACK", `HEADERS ${after} END_STREAM`];
      assert.deepEqual(sent.map(describeFrame), words);
      const [first, , last] = sent.map(({ payload }) => payload) as [Buffer, Buffer, Buffer];
      assert.equal(sizeUpdates(first).length, 0, "what went before the acknowledgement obeys the old size");
      const lowest = Math.min(...asked);
      // RFC 7541 §4.2: a size that is no larger than the smallest comes first. Of two it is 0, for the sake of Go's decoder.
      if (lowest < size) assert.equal(sizeUpdates(last)[0], lowest === asked.at(-1) ? lowest : 0);
      size = sizeUpdates(last).at(-1) ?? size;
      assert.ok(size <= (asked.at(-1) as number));
      for (const payload of [first, last]) {
        const decoded = decoder.decode(payload, 0, payload.length);
        assert.ok(decoded.kind === "ok", JSON.stringify(decoded));
        assert.deepEqual(flatFields(decoded.block).slice(-4), expected);
      }
      for (const id of [before, after]) lone.session.resetStream(id, ErrorCode.CANCEL);
      lone.sent();
    }
  });

  it("R08 golang CVE-2022-27664: a fatal error amid a shutdown ends the connection, and the shutdown with it", () => {
    const fatal: Part[] = [frames.data(0, 1), frames.raw(frameType.PING, 0, 0, Buffer.alloc(3))];
    for (const part of fatal) {
      for (const before of [true, false]) {
        const fixture = new ServerFixture();
        fixture.client.send(request(1));
        if (before) fixture.transport.drain();
        fixture.client.send(part);
        fixture.transport.drain();
        fixture.platform.advance(0);
        // The client goes on as if nothing had happened and never closes its end.
        fixture.client.send(frames.data(1, framed("more")));
        fixture.platform.advance(1000);
        assert.equal(fixture.closed.length, 1);
        assert.equal(fixture.handlers.call.cancels.length, 1);
        assert.equal(fixture.transport.activeCalls, 0);
        fixture.platform.assertQuiet();
      }
    }
  });

  it("R09 golang CVE-2022-41717, CVE-2021-44716: names that clients make up are not kept when their calls have ended", () => {
    const fixture = new ServerFixture({ limits: { maxPrematureResets: Number.POSITIVE_INFINITY } });
    const rounds = 1000;
    const nameBytes = 1000;
    let before = 0;
    for (let round = -20; round < rounds; round++) {
      if (round === 0) before = retainedHeapBytes();
      const id = 2 * (round + 20) + 1;
      const fields = Array.from({ length: 10 }, (_, i) => [`n${round}-${i}-${"x".repeat(nameBytes)}`, "v"]).flat();
      fixture.client.send(request(id, ...fields));
      assert.equal(fixture.handlers.calls.splice(0).length, 1);
      fixture.client.send(frames.rst(id, ErrorCode.CANCEL));
      fixture.client.take();
    }
    const grown = retainedHeapBytes() - before;
    assert.ok(grown < 1_000_000, `${grown} bytes are kept of ${rounds * 10 * nameBytes}`);
  });
});
