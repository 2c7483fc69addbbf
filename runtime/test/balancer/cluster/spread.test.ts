import assert from "node:assert/strict";
import { attemptDelayMs } from "../../../src/balancer/pick-first/pick-first.js";
import { Cluster, latencyMs } from "./cluster.js";

const three = ["10.0.0.1", "10.0.0.2", "10.0.0.3"];

describe("10,000 calls over three equal servers", () => {
  // A drawn one: five standard deviations of 10,000 draws with a chance of one in three are 236 calls, 7 %.
  for (const [policy, bound] of [
    ["round_robin", 0.01],
    ["least_request", 0.07],
  ] as const) {
    it(`are spread within ${Math.round(100 * bound)} % by ${policy}`, async () => {
      const cluster = new Cluster(1, { loadBalancing: policy });
      await cluster.start(...three);
      cluster.channel.connect();
      cluster.tell(three);
      await cluster.platform.advanceAsync(100);
      for (let i = 0; i < 100; i++) {
        for (let n = 0; n < 100; n++) cluster.call();
        await cluster.platform.advanceAsync(10);
      }
      await cluster.finish();
      assert.deepEqual(cluster.failures, []);
      for (const host of three) {
        const share = cluster.callsOf(host) / (10_000 / 3);
        assert.ok(Math.abs(share - 1) <= bound, `${host} has ${cluster.callsOf(host)}`);
      }
      await cluster.close();
    });
  }
});

describe("an address that gets no answer at all", () => {
  for (const policy of ["pick_first", "round_robin"]) {
    it(`delays a call by at most the Happy Eyeballs step (${policy})`, async () => {
      const cluster = new Cluster(0, { loadBalancing: policy });
      await cluster.start("10.0.0.2");
      cluster.platform.blackHole(cluster.addressOf("10.0.0.1"));
      cluster.call();
      cluster.tell(["10.0.0.1", "10.0.0.2"]);
      await cluster.platform.advanceAsync(1000);
      await cluster.finish();
      // Connecting takes a round trip, the call another one; with its prefaces at most two more.
      const most = (policy === "pick_first" ? attemptDelayMs : 0) + 8 * latencyMs;
      const [outcome] = cluster.outcomes;
      assert.equal(outcome?.result, "OK");
      assert.ok(outcome.ms <= most, `it took ${outcome.ms} ms, at most ${most}`);
      await cluster.close();
    });
  }
});
