import assert from "node:assert/strict";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { ErrorCode } from "../../../src/http2/error-code.js";
import { forSeeds } from "../../hpack/random.js";
import { frames, frameType, type Part, settingId } from "../../support/frames.js";
import { SessionPair } from "../../support/session-pair.js";
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
    assert.deepEqual(dataSent(lone), { 1: 40_000 - 7_233, 3: 32_768 });
    lone.feed(frames.windowUpdate(0, 100_000));
    assert.deepEqual(dataSent(lone), { 1: 7_233, 3: 7_232 });
  });

  it("of the connection are shared by its streams", () => {
    const lone = openClient(3, settingId.INITIAL_WINDOW_SIZE, large);
    for (const id of [1, 3, 5]) lone.sendMessage(id, Buffer.alloc(65_535));
    const first = dataSent(lone);
    assert.equal(Object.values(first).reduce((a, b) => a + b), 65_535);
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
      assert.deepEqual(lone.sent().at(-1), "GOAWAY 0 FLOW_CONTROL_ERROR");
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

  it("R CVE-2026-78669: many SETTINGS in one chunk look at the waiting streams once", () => {
    const lone = openClient(0, settingId.INITIAL_WINDOW_SIZE, 0);
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

describe("Http2Session: receive windows", () => {
  const limits = { streamWindowBytes: 100_000, connectionWindowBytes: 150_000, maxFrameBytes: 100_000 };

  function openServer(streams: number): LoneSession {
    const lone = LoneSession.open("server", limits);
    for (let i = 0; i < streams; i++) lone.feed(frames.headers(2 * i + 1).request());
    lone.sent();
    return lone;
  }

  it("take what was granted, to the byte", () => {
    const lone = openServer(1);
    assert.deepEqual(lone.feed(frames.data(1, 99_999), frames.data(1, 1)), ["data 1 99999 bytes", "data 1 1 bytes"]);
    const events = lone.feedEvents(frames.data(1, 1));
    assert.ok(events[0]?.type === "reset");
    assert.equal(events[0].message, "DATA exceeds the flow-control window of stream 1");
    assert.deepEqual(lone.sent(), ["RST_STREAM 1 FLOW_CONTROL_ERROR"]);
  });

  it("of the connection end it when they are exceeded", () => {
    const lone = openServer(2);
    lone.feed(frames.data(1, 100_000), frames.data(3, 50_000));
    const events = lone.feedEvents(frames.data(3, 1));
    assert.equal(LoneSession.closedMessage(events), "DATA exceeds the connection's flow-control window");
    assert.deepEqual(lone.sent(), ["GOAWAY 3 FLOW_CONTROL_ERROR"]);
  });

  it("count padding, and give it back at once (A18)", () => {
    const lone = openServer(1);
    for (let i = 0; i < 1000; i++) assert.deepEqual(lone.feed(frames.data(1, 0).padded(255)), []);
    const sent = lone.sent();
    const sum = (stream: number) =>
      sent.reduce((total, text) => total + Number(text.match(`WINDOW_UPDATE ${stream} \\+(\\d+)`)?.[1] ?? 0), 0);
    assert.equal(sum(0), Math.floor(256_000 / 75_008) * 75_008);
    assert.equal(sum(1), Math.floor(256_000 / 50_176) * 50_176);
  });

  it("are given back when half of them was read", () => {
    const lone = openServer(1);
    lone.feed(frames.data(1, 80_000));
    lone.session.releaseWindow(1, 49_999);
    assert.deepEqual(lone.sent(), []);
    lone.session.releaseWindow(1, 1);
    assert.deepEqual(lone.sent(), ["WINDOW_UPDATE 1 +50000"]);
    lone.session.releaseWindow(1, 30_000);
    assert.deepEqual(lone.sent(), ["WINDOW_UPDATE 0 +80000"]);
  });

  it("of a stream that takes no more are left alone", () => {
    const lone = openServer(1);
    lone.feed(frames.data(1, 90_000).endStream());
    lone.session.releaseWindow(1, 90_000);
    assert.deepEqual(lone.sent(), ["WINDOW_UPDATE 0 +90000"]);
  });

  it("of a connection are given back for streams that have gone, and for frames that nobody takes", () => {
    const lone = openServer(2);
    lone.feed(frames.data(1, 70_000));
    lone.session.resetStream(1, ErrorCode.CANCEL);
    lone.session.releaseWindow(1, 70_000);
    assert.deepEqual(lone.feed(frames.data(1, 5_000)), [], "on its way when the stream was reset");
    assert.deepEqual(lone.sent(), ["RST_STREAM 1 CANCEL", "WINDOW_UPDATE 0 +75000"]);
    lone.session.close(ErrorCode.NO_ERROR, "");
    lone.session.releaseWindow(3, 75_000);
    assert.deepEqual(lone.sent(), ["GOAWAY 3 NO_ERROR"]);
  });

  it("smaller than 65535 bytes hold from the acknowledgement on (RFC 9113 §6.9.2)", () => {
    const small = { streamWindowBytes: 1000, maxFrameBytes: 100_000 };
    const lone = new LoneSession("server", small);
    const early = [frames.headers(1).request(), frames.data(1, 65_535), frames.headers(3).request(), frames.data(3, 500)];
    const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert.deepEqual(lone.feed(preface, frames.settings(), ...early), [
      "settings",
      "headers 1",
      "data 1 65535 bytes",
      "headers 3",
      "data 3 500 bytes",
    ]);
    lone.feed(frames.settingsAck(), frames.headers(5).request());
    assert.deepEqual(lone.feed(frames.data(3, 500)), ["data 3 500 bytes"]);
    assert.deepEqual(lone.feed(frames.data(3, 1)), ["reset 3 FLOW_CONTROL_ERROR local"]);
    assert.deepEqual(lone.feed(frames.data(5, 1000)), ["data 5 1000 bytes"]);
    assert.deepEqual(lone.feed(frames.data(5, 1)), ["reset 5 FLOW_CONTROL_ERROR local"]);
    lone.sent();
    lone.session.releaseWindow(1, 65_535);
    assert.deepEqual(lone.sent(), ["WINDOW_UPDATE 1 +65535"]);
    assert.deepEqual(lone.feed(frames.data(1, 1000)), ["data 1 1000 bytes"]);
    assert.deepEqual(lone.feed(frames.data(1, 1)), ["reset 1 FLOW_CONTROL_ERROR local"]);
    assert.deepEqual(lone.feed(frames.settingsAck()), [], "a second acknowledgement changes nothing");
  });

  /** Finds out by small steps how much is owed, by sending until an increment comes. */
  function assertRestored(lone: LoneSession, id: number, streamId: number, window: number): void {
    let sent = 0;
    let back = 0;
    const half = window >>> 1;
    for (let step = 0; back === 0 && step <= half; step += 100) {
      lone.feed(frames.data(id, 100));
      lone.session.releaseWindow(id, 100);
      sent += 100;
      for (const text of lone.sent()) back += Number(text.match(`WINDOW_UPDATE ${streamId} \\+(\\d+)`)?.[1] ?? 0);
    }
    assert.ok(back >= half && back < half + 100, `an increment of ${back} after ${sent} bytes`);
  }

  it("R A19: are restored to the byte when all is quiet, resets amid DATA and padding notwithstanding", () => {
    forSeeds(60, (random) => {
      const lone = openServer(0);
      let flow = 0;
      let given = 0;
      let unread = 0;
      const tally = () => {
        for (const { type, streamId, payload } of lone.sentFrames()) {
          if (type === frameType.WINDOW_UPDATE && streamId === 0) given += payload.readUInt32BE(0);
        }
      };
      for (let id = 1; id < 60; id += 2) {
        const length = random.below(3) === 0 ? ["content-length", String(random.below(2000))] : [];
        lone.feed(frames.headers(id).request("/s/m", ...length));
        for (let i = random.below(5); i > 0; i--) {
          const frame = frames.data(id, random.below(3000));
          if (random.below(2) === 0) frame.padded(random.below(256));
          if (random.below(9) === 0) frame.endStream();
          const bytes = frame.build();
          flow += bytes.length - 9;
          const cut = random.below(bytes.length + 1);
          for (const [index, part] of [bytes.subarray(0, cut), bytes.subarray(cut)].entries()) {
            for (const event of lone.feedEvents(part)) {
              if (event.type !== "data") continue;
              unread += event.end - event.start;
              if (random.below(2) === 0) continue;
              lone.session.releaseWindow(event.streamId, event.end - event.start);
              unread -= event.end - event.start;
            }
            if (index === 0 && random.below(6) === 0) lone.session.resetStream(id, ErrorCode.CANCEL);
          }
        }
        lone.session.resetStream(id, ErrorCode.CANCEL);
        lone.session.releaseWindow(id, unread);
        unread = 0;
        tally();
      }
      assert.ok(!lone.session.closed);
      const owed = flow - given;
      assert.ok(owed >= 0 && owed < 75_000, `owed ${owed} of ${flow}`);
      // The next byte over the half must bring exactly the half: nothing was lost and nothing given twice.
      lone.feed(frames.headers(61).request());
      lone.feed(frames.data(61, 75_000 - owed - 1));
      lone.session.releaseWindow(61, 75_000 - owed - 1);
      tally();
      assert.equal(flow - given, owed, "not yet");
      lone.feed(frames.data(61, 1));
      lone.session.releaseWindow(61, 1);
      assert.ok(lone.sent().includes("WINDOW_UPDATE 0 +75000"));
    });
  });

  it("are restored after a rest", () => {
    const lone = openServer(1);
    lone.feed(frames.data(1, 30_000));
    lone.session.releaseWindow(1, 30_000);
    assertRestored(lone, 1, 1, 100_000);
    assertRestored(lone, 1, 0, 150_000);
  });
});

describe("Http2Session pair: windows", () => {
  it("both sides agree to the byte after much traffic: what is sent without a release is the window", () => {
    forSeeds(8, (cuts) => {
      const limits = { streamWindowBytes: 70_000, connectionWindowBytes: 90_000 };
      const pair = SessionPair.open({ clientLimits: limits, serverLimits: limits, cuts });
      const { client, server } = pair;
      for (let i = 0; i < 20; i++) {
        const id = client.session.openStream(request, false) as number;
        client.sendMessage(id, Buffer.alloc(cuts.below(200_000)));
        if (i % 3 === 0) pair.drive();
        if (i % 4 === 0) client.session.resetStream(id, ErrorCode.CANCEL);
        pair.drive();
        if (i % 5 === 0) server.session.resetStream(id, ErrorCode.NO_ERROR);
      }
      pair.drive();
      server.drainEvents();
      let received = 0;
      server.handle = (event) => {
        if (event.type === "data") received += event.end - event.start;
      };
      const ids = [1, 2].map(() => client.session.openStream(request, false) as number);
      client.sendMessage(ids[0] as number, Buffer.alloc(200_000));
      pair.drive();
      assert.ok(received <= 70_000 && received > 35_000, `a stream's window let ${received} through`);
      client.sendMessage(ids[1] as number, Buffer.alloc(200_000));
      pair.drive();
      assert.ok(received <= 90_000 && received > 45_000, `the connection's window let ${received} through`);
      assert.ok(!client.session.closed && !server.session.closed);
    });
  });

  it("carries megabytes through small windows, both ways at once", () => {
    forSeeds(4, (cuts) => {
      const limits = { streamWindowBytes: 10_000, connectionWindowBytes: 65_535 };
      const pair = SessionPair.open({ clientLimits: limits, serverLimits: limits, cuts });
      const ids = Array.from({ length: 5 }, () => pair.client.session.openStream(request, false) as number);
      const body = Buffer.alloc(200_000, "0123456789");
      pair.drive();
      for (const id of ids) {
        pair.server.session.sendHeaders(id, new HeaderBlock([":status", "200"]), false);
        pair.server.sendMessage(id, body, true);
        pair.client.sendMessage(id, body, true);
      }
      const got = new Map<string, Buffer[]>();
      for (const side of [pair.client, pair.server]) {
        side.handle = (event) => {
          if (event.type !== "data") return;
          const key = `${event.streamId} ${side === pair.client}`;
          const pieces = got.get(key) ?? [];
          got.set(key, pieces);
          pieces.push(Buffer.from(event.bytes.subarray(event.start, event.end)));
          side.session.releaseWindow(event.streamId, event.end - event.start);
        };
      }
      pair.drive();
      assert.equal(got.size, 10);
      for (const pieces of got.values()) assert.ok(Buffer.concat(pieces).equals(body));
      assert.equal(pair.client.session.openStreams + pair.server.session.openStreams, 0);
    });
  });
});
