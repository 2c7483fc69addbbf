import assert from "node:assert/strict";
import { ErrorCode } from "../../../src/http2/error-code.js";
import type { Http2Limits } from "../../../src/http2/limits.js";
import { forSeeds } from "../../hpack/random.js";
import { frames, frameType } from "../../support/frames.js";
import { LoneSession } from "../lone-session.js";

describe("Http2Session: receive windows", () => {
  const limits = { streamWindowBytes: 100_000, connectionWindowBytes: 150_000, maxFrameBytes: 100_000 };

  function openServer(streams: number, more: Partial<Http2Limits> = {}): LoneSession {
    const lone = LoneSession.open("server", { ...limits, ...more });
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
    const lone = openServer(1, { maxEmptyDataFrames: Number.POSITIVE_INFINITY });
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
    assert.deepEqual(lone.sent(), ["WINDOW_UPDATE 0 +75000", "RST_STREAM 1 CANCEL"]);
    lone.session.close(ErrorCode.NO_ERROR, "");
    lone.session.releaseWindow(3, 75_000);
    assert.deepEqual(lone.sent(), ["GOAWAY 3 NO_ERROR"]);
  });

  it("smaller than 65535 bytes hold from the acknowledgement on (RFC 9113 §6.9.2)", () => {
    const small = { streamWindowBytes: 1000, maxFrameBytes: 100_000 };
    const lone = new LoneSession("server", small);
    const early = [
      frames.headers(1).request(),
      frames.data(1, 65_535),
      frames.headers(3).request(),
      frames.data(3, 500),
    ];
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

  it("are restored to the byte when all is quiet, resets amid DATA and padding notwithstanding", () => {
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
