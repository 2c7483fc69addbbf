import assert from "node:assert/strict";
import { change, keyOf, summarizeLaunches } from "../../micro/figures.js";
import type { Launch, Measured } from "../../micro/launch.js";

function measured(id: string, peer: string | null, ratio: number): Measured {
  return { id, peer, operation: "an operation", ratio, nanoseconds: ratio * 400, bytes: ratio * 10 };
}

describe("figures of a micro benchmark", () => {
  it("are medians over the launches, ours and the peer's apart", () => {
    const launches = [1, 5, 2].map(
      (ratio): Launch => ({
        calibrationNs: 400 + ratio,
        measured: [measured("a/b", null, ratio), measured("a/b", "other", 10 * ratio)],
      }),
    );
    const { calibrationNs, figures } = summarizeLaunches(launches);
    assert.equal(calibrationNs, 402);
    assert.deepEqual(figures.get("a/b"), { ratio: 2, nanoseconds: 800, bytes: 20 });
    assert.equal(figures.get(keyOf("a/b", "other"))?.ratio, 20);
  });

  it("are marked from 5 % and marked twice from 20 %, up and down alike", () => {
    assert.equal(change(1.04, 1), "+4 %");
    assert.equal(change(0.96, 1), "-4 %");
    assert.equal(change(1.06, 1), "+6 % !");
    assert.equal(change(0.94, 1), "-6 % !");
    assert.equal(change(1.21, 1), "+21 % !!");
    // 1 / 0.83 is more than 1.2.
    assert.equal(change(0.83, 1), "-17 % !!");
  });

  it("are new where nothing was recorded", () => {
    assert.equal(change(1, undefined), "new");
    assert.equal(change(1, 0), "new");
  });
});
