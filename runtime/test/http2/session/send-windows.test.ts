import assert from "node:assert/strict";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { ErrorCode } from "../../../src/http2/error-code.js";
import { frames, frameType, type Part, settingId } from "../../support/frames.js";
import { LoneSession } from "../lone-session.js";

const request = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m"]);
const large = 1 << 20;

/** A client with streams open and their headers sent. */
function openClient(streams: number, ...settings: number[]): LoneSession {
  const lone = LoneSession.open("client", {}, ...settings);
  for (let i = 0; i < streams; i++) assert.equal(lone.session.openStream(request, false), 2 * i + 1);
  lone.sent();
  return lone;
}

/** Bytes of DATA sent since the last time, by stream. */
function dataSent(lone: LoneSession): Record<number, number> {
  const sums: Record<number, number> = {};
  for (const { type, streamId, payload } of lone.sentFrames()) {
    if (type === frameType.DATA) sums[streamId] = (sums[streamId] ?? 0) + payload.length;
  }
  return sums;
}

describe("Http2Session: send windows", () => {
  it("start at 65535 bytes, of a stream and of the connection", () => {
    const lone = openClient(2);
    lone.sendMessage(1, Buffer.alloc(40_000));
    lone.sendMessage(3, Buffer.alloc(40_000));
    assert.deepEqual(dataSent(lone), { 1: 32_768, 3: 32_767 });
    lone.feed(frames.windowUpdate(0, 100_000));
    assert.deepEqual(dataSent(lone), { 1: 7_232, 3: 7_233 });
  });

  it("of the connection are shared by its streams", () => {
    const lone = openClient(3, settingId.INITIAL_WINDOW_SIZE, large);
    for (const id of [1, 3, 5]) lone.sendMessage(id, Buffer.alloc(65_535));
    const first = dataSent(lone);
    assert.equal(
      Object.values(first).reduce((a, b) => a + b),
      65_535,
    );
    let sum = 65_535;
    while (sum < 3 * 65_535) {
      lone.feed(frames.windowUpdate(0, 777));
      const sent = Object.values(dataSent(lone)).reduce((a, b) => a + b, 0);
      assert.equal(sent, Math.min(777, 3 * 65_535 - sum));
      sum += sent;
    }
  });

  it("of a stream do not hold the others up", () => {
    const lone = openClient(2, settingId.INITIAL_WINDOW_SIZE, 100);
    lone.sendMessage(1, Buffer.alloc(1000));
    lone.sendMessage(3, Buffer.alloc(50));
    assert.deepEqual(dataSent(lone), { 1: 100, 3: 50 });
    lone.feed(frames.windowUpdate(1, 1));
    assert.deepEqual(dataSent(lone), { 1: 1 });
    lone.feed(frames.windowUpdate(1, 10_000));
    assert.deepEqual(dataSent(lone), { 1: 899 });
  });

  it("take a message that just fits in place, and one that is a byte larger in two frames", () => {
    const lone = openClient(2, settingId.INITIAL_WINDOW_SIZE, 10);
    lone.sendMessage(1, Buffer.alloc(10), true);
    lone.sendMessage(3, Buffer.alloc(11), true);
    assert.deepEqual(lone.sent(), ["DATA 1 10 bytes END_STREAM", "DATA 3 10 bytes"]);
    lone.feed(frames.windowUpdate(3, 1));
    assert.deepEqual(lone.sent(), ["DATA 3 1 bytes END_STREAM"]);
  });

  it("follow the initial window up and down, below zero too (RFC 9113 §6.9.2)", () => {
    const lone = openClient(1, settingId.INITIAL_WINDOW_SIZE, 100);
    lone.sendMessage(1, Buffer.alloc(1000));
    assert.deepEqual(dataSent(lone), { 1: 100 });
    lone.feed(frames.settings(settingId.INITIAL_WINDOW_SIZE, 130));
    assert.deepEqual(dataSent(lone), { 1: 30 });
    lone.feed(frames.settings(settingId.INITIAL_WINDOW_SIZE, 30));
    lone.feed(frames.windowUpdate(1, 100));
    assert.deepEqual(dataSent(lone), {}, "the window is 0");
    lone.feed(frames.windowUpdate(1, 1));
    assert.deepEqual(dataSent(lone), { 1: 1 });
    lone.feed(frames.settings(settingId.INITIAL_WINDOW_SIZE, 0), frames.settings(settingId.INITIAL_WINDOW_SIZE, 31));
    assert.deepEqual(dataSent(lone), { 1: 1 });
  });

  it("apply the initial window to streams that open later, what others did notwithstanding", () => {
    const lone = openClient(1);
    lone.feed(frames.settings(settingId.INITIAL_WINDOW_SIZE, 7));
    lone.sent();
    lone.session.openStream(request, false);
    lone.sendMessage(3, Buffer.alloc(100));
    assert.deepEqual(dataSent(lone), { 3: 7 });
  });

  describe("overflow", () => {
    const max = 0x7fffffff;

    it("of the connection's window is a connection error (h2spec 6.9.1/2)", () => {
      const lone = openClient(1);
      assert.deepEqual(lone.feed(frames.windowUpdate(0, max - 65_535)), []);
      const events = lone.feedEvents(frames.windowUpdate(0, 1));
      assert.equal(LoneSession.closedMessage(events), "WINDOW_UPDATE takes the connection's window above 2147483647");
      assert.deepEqual(lone.sent(), ["GOAWAY 0 FLOW_CONTROL_ERROR"]);
    });

    it("of a stream's window is a stream error (h2spec 6.9.1/3)", () => {
      const lone = openClient(1);
      assert.deepEqual(lone.feed(frames.windowUpdate(1, max - 65_535)), []);
      assert.deepEqual(lone.feed(frames.windowUpdate(1, 1)), ["reset 1 FLOW_CONTROL_ERROR local"]);
      assert.deepEqual(lone.sent(), ["RST_STREAM 1 FLOW_CONTROL_ERROR"]);
    });

    it("by the initial window is a connection error (h2spec 6.9.2/3)", () => {
      const lone = openClient(2);
      lone.feed(frames.windowUpdate(3, max - 65_535));
      assert.deepEqual(lone.feed(frames.settings(settingId.INITIAL_WINDOW_SIZE, 65_535)), ["settings"]);
      const events = lone.feedEvents(frames.settings(settingId.INITIAL_WINDOW_SIZE, 65_536));
      assert.equal(
        LoneSession.closedMessage(events),
        "SETTINGS_INITIAL_WINDOW_SIZE of 65536 takes a stream's window above 2147483647",
      );
      assert.deepEqual(lone.sent(), ["GOAWAY 0 FLOW_CONTROL_ERROR", "SETTINGS ACK"], "the first one was taken");
    });

    it("is none once the stream has gone, or has spent enough", () => {
      const lone = openClient(2);
      lone.feed(frames.windowUpdate(3, max - 65_535), frames.rst(3, ErrorCode.CANCEL));
      assert.deepEqual(lone.feed(frames.settings(settingId.INITIAL_WINDOW_SIZE, max)), ["settings"]);
      const other = openClient(1);
      other.feed(frames.windowUpdate(1, max - 65_535), frames.windowUpdate(0, 1000));
      other.sendMessage(1, Buffer.alloc(1000));
      assert.deepEqual(other.feed(frames.settings(settingId.INITIAL_WINDOW_SIZE, 66_535)), ["settings"]);
      assert.match(
        LoneSession.closedMessage(other.feedEvents(frames.settings(settingId.INITIAL_WINDOW_SIZE, 66_536))),
        /takes a stream's window above/,
      );
    });
  });

  it("increments of 0 are errors, of the stream or the connection (RFC 9113 §6.9)", () => {
    const lone = openClient(1);
    const events = lone.feedEvents(frames.windowUpdate(1, 0));
    assert.ok(events[0]?.type === "reset");
    assert.equal(events[0].message, "WINDOW_UPDATE of stream 1 has an increment of 0");
    assert.deepEqual(lone.sent(), ["RST_STREAM 1 PROTOCOL_ERROR"]);
    assert.equal(
      LoneSession.closedMessage(lone.feedEvents(frames.windowUpdate(0, 0))),
      "WINDOW_UPDATE of the connection has an increment of 0",
    );
    assert.deepEqual(lone.sent(), ["GOAWAY 0 PROTOCOL_ERROR"]);
  });

  it("R06 golang CVE-2026-78669: many SETTINGS in one chunk look at the waiting streams once", () => {
    const unlimited = { maxQueuedControlFrames: 10_000, maxSettingsPerSecond: 10_000 };
    const lone = LoneSession.open("client", unlimited, settingId.INITIAL_WINDOW_SIZE, 0);
    const ids = Array.from({ length: 5000 }, () => lone.session.openStream(request, false) as number);
    for (const id of ids) lone.sendMessage(id, Buffer.alloc(1));
    lone.sent();
    const churn: Part[] = [];
    for (let i = 0; i < 900; i++) churn.push(frames.settings(settingId.INITIAL_WINDOW_SIZE, i & 1));
    const started = process.cpuUsage().user;
    assert.equal(lone.feed(...churn).length, 900);
    const micros = process.cpuUsage().user - started;
    assert.ok(micros < 500_000, `900 SETTINGS over 5000 waiting streams took ${micros} µs`);
    assert.equal(Object.keys(dataSent(lone)).length, 5000);
  });
});
