import assert from "node:assert/strict";
import { Metadata } from "../../src/rpc/metadata.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { LoneSession } from "../http2/lone-session.js";
import { frames, frameType, settingId } from "../support/frames.js";
import { answer, openUnary, request } from "../transport/server-fixture.js";
import { framed } from "../transport/text-method.js";

describe("Regressions: Netty", () => {
  it("R41 netty CVE-2026-48043: DATA that flow control refuses is neither kept nor lost to the connection's window", () => {
    const lone = LoneSession.open("server", { streamWindowBytes: 65_535, connectionWindowBytes: 65_535 });
    let flow = 0;
    let returned = 0;
    for (let id = 1; id < 200; id += 2) {
      lone.feed(frames.headers(id).request());
      // The stream's window holds one frame less than is sent; what was taken is given back as it is read.
      for (let i = 0; i < 5; i++) {
        for (const event of lone.feedEvents(frames.data(id, 16_384))) {
          if (event.type === "data") lone.session.releaseConnectionWindow(event.end - event.start);
        }
        flow += 16_384;
        for (const { type, streamId, payload } of lone.sentFrames()) {
          if (type === frameType.WINDOW_UPDATE && streamId === 0) returned += payload.readUInt32BE(0);
        }
      }
      assert.equal(lone.session.openStreams, 0, "the stream was reset");
      assert.ok(!lone.session.closed);
      assert.ok(flow - returned < 32_768 && returned <= flow, `${returned} of ${flow} bytes came back`);
    }
  });

  it("R42 netty CVE-2026-50560: a client that takes no headers at all does not make each answer fail and be tried again", () => {
    for (const limit of [0, 1, 100]) {
      const { fixture, call } = openUnary({ settings: [settingId.MAX_HEADER_LIST_SIZE, limit] });
      answer(call, "a");
      call.sink.onStatus({ code: StatusCode.OK, message: "" });
      assert.deepEqual(
        fixture.client.sentOfCalls().map((frame) => frame.split(" ").slice(0, 2).join(" ")),
        ["HEADERS 1", "DATA 1", "HEADERS 1"],
        "the least that an answer can be",
      );
      fixture.client.send(request(3), frames.data(3, framed("q")).endStream());
      const second = fixture.handlers.calls[1];
      assert.ok(second);
      second.sink.onHeaders(new Metadata({ x: "y".repeat(200) }));
      second.sink.onMessage({ value: "never" });
      assert.deepEqual(
        second.cancels.map(({ code }) => code),
        [StatusCode.RESOURCE_EXHAUSTED],
      );
      const sent = fixture.client.sentOfCalls();
      assert.equal(sent.length, 1);
      assert.match(sent[0] as string, /^HEADERS 3 END_STREAM .*grpc-status: 8/);
      assert.deepEqual(fixture.closed, []);
    }
  });
});
