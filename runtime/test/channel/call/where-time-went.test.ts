import assert from "node:assert/strict";
import { whereTimeWent } from "../../../src/channel/call/where-time-went.js";
import { noTimings } from "../../../src/rpc/call-timings.js";

describe("whereTimeWent", () => {
  it("lists what took time, in the order of a call's way", () => {
    const timings = {
      totalMs: 1000,
      resolvingMs: 20.4,
      connectingMs: 79.6,
      queuedMs: 300,
      credentialsMs: 100,
      backoffMs: 0,
      answerMs: 500,
      blockedMs: 0,
    };
    const words =
      "; 20 ms resolving, 80 ms connecting, 300 ms queued for a stream slot, 100 ms fetching call credentials, 500 ms waiting for the answer";
    assert.equal(whereTimeWent(timings, 1, true), words);
    assert.equal(whereTimeWent(timings, 1, false), words);
  });

  it("says nothing of what took none", () => {
    assert.equal(whereTimeWent(noTimings, 1, false), "");
    assert.equal(whereTimeWent({ ...noTimings, resolvingMs: 0.4, connectingMs: 3 }, 1, false), "; 3 ms connecting");
  });

  it("says nothing of an answer to a call that was never given to a connection", () => {
    assert.equal(whereTimeWent({ ...noTimings, connectingMs: 16, answerMs: 2 }, 0, false), "; 16 ms connecting");
  });

  it("does not repeat the place that the sentence names", () => {
    assert.equal(whereTimeWent({ ...noTimings, answerMs: 500 }, 1, true), "");
  });

  it("says that the event loop was blocked, from 50 ms on", () => {
    assert.equal(whereTimeWent({ ...noTimings, answerMs: 500, blockedMs: 49 }, 1, true), "");
    assert.equal(
      whereTimeWent({ ...noTimings, answerMs: 149_500, blockedMs: 149_000.4 }, 1, true),
      "; the event loop was blocked, so that it ended 149000 ms late",
    );
  });
});
