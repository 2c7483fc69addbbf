import assert from "node:assert/strict";
import { LatencyHistogram } from "../../macro/latency-histogram.js";

describe("LatencyHistogram", () => {
  const quantiles = [0.5, 0.99, 0.999, 1] as const;

  it("has every quantile within 1.6 %", () => {
    const latencies = new LatencyHistogram();
    for (let us = 1; us <= 100_000; us++) latencies.record(us / 1000);
    for (const share of quantiles) {
      const us = latencies.quantileUs(share) as number;
      assert.ok(Math.abs(us / (share * 100_000) - 1) < 0.016, `${share}: ${us}`);
    }
  });

  it("tells one call in a thousand from one in a hundred", () => {
    const latencies = new LatencyHistogram();
    for (let i = 0; i < 998; i++) latencies.record(0.1);
    latencies.record(5);
    latencies.record(5);
    assert.ok((latencies.quantileUs(0.99) as number) < 103);
    assert.ok((latencies.quantileUs(0.999) as number) > 4900);
  });

  it("has none where nothing was recorded", () => {
    for (const share of quantiles) assert.equal(new LatencyHistogram().quantileUs(share), undefined);
  });
});
