import assert from "node:assert/strict";
import { EventLog } from "../../src/telemetry/event-log.js";

describe("EventLog", () => {
  it("keeps what happened last, and counts all of it", () => {
    let now = 1000;
    const log = new EventLog({ now: () => now, wallClock: () => now + 1_000_000 });
    assert.deepEqual(log.report(), { since: new Date(1_001_000), total: 0, latest: [] });
    for (let i = 1; i <= 33; i++) {
      now += 1;
      log.add(`event ${i}`, i === 33 ? "warning" : "info", i === 33 ? 7 : undefined);
    }
    const { since, total, latest } = log.report();
    assert.deepEqual([since, total, latest.length], [new Date(1_001_000), 33, 32]);
    assert.deepEqual(latest[0], {
      at: new Date(1_001_002),
      severity: "info",
      description: "event 2",
      subchannelId: undefined,
    });
    assert.deepEqual(latest[31], {
      at: new Date(1_001_033),
      severity: "warning",
      description: "event 33",
      subchannelId: 7,
    });
  });

  it("cuts what is long", () => {
    const log = new EventLog({ now: () => 0, wallClock: () => 0 });
    log.add("x".repeat(1000));
    assert.equal(log.report().latest[0]?.description, `${"x".repeat(300)}…`);
  });
});
