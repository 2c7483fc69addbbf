import assert from "node:assert/strict";
import { Traffic } from "../../src/telemetry/traffic.js";

const clock = { now: () => 5000, wallClock: () => 105_000 };

describe("Traffic", () => {
  const totals = { keepalivesSent: 3, sendWindow: 10, receiveWindow: 20 };

  it("knows when each kind of thing was carried last, by the turns in which the numbers grew", () => {
    const traffic = new Traffic();
    traffic.onTurn(0, 0, 1000);
    traffic.onTurn(1, 0, 2000);
    traffic.messagesSent = 1;
    traffic.onTurn(1, 0, 3000);
    traffic.onTurn(1, 5, 4000);
    traffic.onTurn(1, 5, 5000);
    traffic.streamsSucceeded = 1;
    assert.deepEqual(traffic.report(clock, { streamsStarted: 3, openStreams: 1, messagesReceived: 5, ...totals }), {
      streamsStarted: 3,
      streamsSucceeded: 1,
      streamsFailed: 1,
      messagesSent: 1,
      messagesReceived: 5,
      lastStreamAt: new Date(102_000),
      lastMessageSentAt: new Date(103_000),
      lastMessageReceivedAt: new Date(104_000),
      ...totals,
    });
  });

  it("knows of nothing when there was nothing", () => {
    const none = { streamsStarted: 0, openStreams: 0, messagesReceived: 0, ...totals };
    const { lastStreamAt, lastMessageSentAt, lastMessageReceivedAt } = new Traffic().report(clock, none);
    assert.deepEqual([lastStreamAt, lastMessageSentAt, lastMessageReceivedAt], [undefined, undefined, undefined]);
  });
});
