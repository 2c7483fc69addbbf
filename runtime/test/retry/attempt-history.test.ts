import assert from "node:assert/strict";
import { AttemptHistory, worseDelivery } from "../../src/retry/attempt-history.js";
import { noTimings } from "../../src/rpc/call-timings.js";
import type { Delivery } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";

const order: Delivery[] = ["not-sent", "not-processed", "unknown", "processed"];

describe("AttemptHistory", () => {
  it("knows which of two effects must be reckoned with", () => {
    for (const [i, a] of order.entries()) {
      for (const [j, b] of order.entries()) assert.equal(worseDelivery(a, b), order[Math.max(i, j)]);
    }
    assert.equal(worseDelivery(undefined, "not-sent"), "not-sent");
    assert.equal(worseDelivery("unknown", undefined), "unknown");
    assert.equal(worseDelivery(undefined, undefined), undefined);
  });

  it("makes one status of all attempts: what the call did is what any of them did", () => {
    const history = new AttemptHistory();
    const peer = { address: "ipv4:10.0.0.1:1", security: "none" } as const;
    const lost = { code: StatusCode.UNAVAILABLE, message: "lost", peer };
    const timings = { ...noTimings, connectingMs: 5, queuedMs: 2 };
    history.add({ ...lost, delivery: "unknown", attempts: 1, timings }, 10, 20);
    history.addBackoff(30);
    const last = { code: StatusCode.UNAVAILABLE, message: "none", delivery: "not-sent" as const, attempts: 0 };
    history.add(last, 50, 60);
    assert.deepEqual(history.complete(last), {
      ...last,
      delivery: "unknown",
      attempts: 1,
      timings: { ...noTimings, connectingMs: 5, queuedMs: 2, backoffMs: 30 },
      history: [
        { code: StatusCode.UNAVAILABLE, message: "lost", delivery: "unknown", peer, startedAt: 10, endedAt: 20 },
        {
          ...{ code: StatusCode.UNAVAILABLE, message: "none", delivery: "not-sent" },
          peer: undefined,
          startedAt: 50,
          endedAt: 60,
        },
      ],
    });
  });
});
