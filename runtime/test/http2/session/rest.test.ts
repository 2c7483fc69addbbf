import assert from "node:assert/strict";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { ErrorCode } from "../../../src/http2/error-code.js";
import { bytesOf, clientPreface, frames, settingId } from "../../support/frames.js";
import { LoneSession } from "../lone-session.js";

const response = new HeaderBlock([":status", "200", "content-type", "application/grpc"]);
const trailers = new HeaderBlock(["grpc-status", "0"]);

/** Frames of every kind, a header block in three of them, and padding. */
function conversation(): Buffer {
  return bytesOf(
    clientPreface,
    frames.settings(settingId.INITIAL_WINDOW_SIZE, 100_000),
    frames.settingsAck(),
    frames.headers(1).request(),
    frames.data(1, "a message"),
    frames.ping(),
    frames.windowUpdate(0, 1000),
    frames.data(1, "the last one").endStream(),
    frames.headers(3).request().endStream(),
    frames.rst(3, ErrorCode.CANCEL),
    frames.headers(5).request().endStream(),
  );
}

describe("a session that rests", () => {
  it("tells and answers the same, wherever it rests", () => {
    const whole = new LoneSession("server");
    const told = whole.feed(conversation());
    const answered = whole.sent();
    const resting = new LoneSession("server");
    const events: string[] = [];
    for (const octet of conversation()) {
      events.push(...resting.feed(Buffer.of(octet)));
      resting.session.rest(resting.now);
    }
    // DATA comes in the fragments in which it arrives.
    const withoutData = (list: string[]): string[] => list.filter((event) => !event.startsWith("data"));
    assert.deepEqual(withoutData(events), withoutData(told));
    assert.deepEqual(resting.sent(), answered);
    assert.equal(resting.session.openStreams, whole.session.openStreams);
  });

  it("sends the same, wherever it rests", () => {
    const play = (rest: (lone: LoneSession) => void): string[] => {
      const lone = LoneSession.open("server");
      for (let id = 1; id < 12; id += 2) {
        lone.feed(frames.headers(id).request().endStream());
        rest(lone);
        lone.session.sendHeaders(id, response, false);
        rest(lone);
        lone.sendMessage(id, Buffer.from("message"));
        rest(lone);
        lone.session.sendHeaders(id, trailers, true);
      }
      rest(lone);
      return lone.sent();
    };
    const sent = play(() => undefined);
    assert.equal(sent.length, 18);
    assert.deepEqual(
      play((lone) => lone.session.rest(lone.now)),
      sent,
    );
  });

  it("loses nothing of what waits for a window, or for its turn", () => {
    const lone = LoneSession.open("server", {}, settingId.INITIAL_WINDOW_SIZE, 4);
    lone.feed(frames.headers(1).request().endStream());
    lone.session.sendHeaders(1, response, false);
    lone.sendMessage(1, Buffer.from("12345678"), true);
    assert.deepEqual(lone.sent(), ["HEADERS 1", "DATA 1 4 bytes"]);
    lone.session.rest(lone.now);
    lone.feed(frames.windowUpdate(1, 4));
    lone.session.rest(lone.now);
    assert.deepEqual(lone.sent(), ["DATA 1 4 bytes END_STREAM"]);
  });

  it("still knows what a peer has spent", () => {
    const lone = LoneSession.open("server", { maxPings: 5 });
    for (let i = 0; i < 5; i++) {
      assert.deepEqual(lone.feed(frames.ping()), []);
      lone.sent();
      lone.session.rest(lone.now);
    }
    assert.equal(
      LoneSession.closedMessage(lone.feedEvents(frames.ping())),
      "more than 5 PING frames came without HEADERS or DATA (maxPings)",
    );
  });

  it("still knows what it said of its end", () => {
    const lone = LoneSession.open("server");
    lone.feed(frames.headers(1).request().endStream());
    lone.session.resetStream(1, ErrorCode.CANCEL);
    lone.sent();
    lone.session.rest(lone.now);
    assert.deepEqual(lone.feed(frames.windowUpdate(1, 1)), []);
    lone.session.drain(lone.now);
    assert.equal(lone.sent().length, 2);
    lone.session.rest(lone.now);
    assert.equal(lone.session.drained, false);
    lone.session.receiveEnd(lone.now);
    assert.match(lone.feed().join(), /closed NO_ERROR remote/);
  });
});
