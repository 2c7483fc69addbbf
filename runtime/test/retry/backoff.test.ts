import assert from "node:assert/strict";
import { backoffMs } from "../../src/retry/backoff.js";
import { defaultRetryPolicy } from "../../src/retry/idempotency-defaults.js";

const policy = { ...defaultRetryPolicy, initialBackoffMs: 100, maxBackoffMs: 500, backoffMultiplier: 2 };
/** In the middle of the jitter. */
const middle = 0.5;

describe("backoffMs (gRFC A6)", () => {
  it("multiplies from one retry to the next, up to the cap", () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((count) => backoffMs(policy, count, middle)),
      [100, 200, 400, 500, 500],
    );
  });

  it("spreads each delay by a fifth, behind the cap", () => {
    assert.equal(backoffMs(policy, 1, 0), 80);
    assert.ok(Math.abs(backoffMs(policy, 1, 1 - 1e-9) - 120) < 1e-6);
    assert.ok(Math.abs(backoffMs(policy, 5, 1 - 1e-9) - 600) < 1e-6, "longer than maxBackoff");
  });

  it("caps the first delay, too", () => {
    assert.equal(backoffMs({ ...policy, maxBackoffMs: 10 }, 1, middle), 10);
  });

  it("takes multipliers below 1", () => {
    assert.deepEqual(
      [1, 2, 3].map((count) => backoffMs({ ...policy, backoffMultiplier: 0.5 }, count, middle)),
      [100, 50, 25],
    );
  });
});
