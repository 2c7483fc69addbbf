/** No call fails because a policy or a list of endpoints changed: real channels and servers, HTTP/2 between them, in virtual time. */
import assert from "node:assert/strict";
import type { LoadBalancingConfigInit } from "../../../src/service-config/service-config-init.js";
import { Cluster } from "./cluster.js";

const one = "10.0.0.1";
const five = [one, "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"];
const policies = ["pick_first", "round_robin", "least_request"] as const;
const answerMs = 7;
const pickFirst: LoadBalancingConfigInit = { pick_first: {} };
const roundRobin: LoadBalancingConfigInit = { round_robin: {} };

async function begin(loadBalancing: string, hosts: readonly string[]): Promise<Cluster> {
  const cluster = new Cluster(answerMs, { loadBalancing });
  await cluster.start(...hosts);
  cluster.channel.connect();
  await cluster.platform.settle();
  return cluster;
}

async function end(cluster: Cluster, calls: number): Promise<void> {
  await cluster.finish();
  assert.deepEqual(cluster.failures, []);
  assert.equal(cluster.outcomes.length, calls);
  await cluster.close();
}

describe("under load, no call fails", () => {
  for (const policy of policies) {
    it(`when a service goes from one server to five and back (${policy})`, async () => {
      const cluster = await begin(policy, five);
      cluster.tell([one]);
      await cluster.load(200);
      cluster.tell(five);
      await cluster.load(200);
      const counts = five.map((host) => cluster.callsOf(host));
      if (policy === "round_robin") {
        for (const count of counts.slice(1)) assert.ok(Math.abs(count - 39) <= 2, `round_robin: ${counts}`);
      }
      if (policy !== "pick_first") assert.ok(counts.every((count) => count > 0));
      cluster.tell([one]);
      await cluster.load(50);
      cluster.stop(...five.slice(1));
      await cluster.load(150);
      await end(cluster, 600);
    });

    it(`when servers go one by one before the resolver knows of it (${policy})`, async () => {
      const cluster = await begin(policy, five);
      cluster.tell(five);
      await cluster.load(100);
      for (const host of five.slice(1).reverse()) {
        cluster.stop(host);
        await cluster.load(20);
      }
      cluster.tell([one]);
      await cluster.load(100);
      await end(cluster, 280);
    });

    it(`when every server is replaced by another (${policy})`, async () => {
      const cluster = await begin(policy, five);
      cluster.tell([one]);
      await cluster.load(100);
      for (const host of five.slice(1)) {
        const before = five[five.indexOf(host) - 1] as string;
        cluster.tell([host]);
        await cluster.load(5);
        cluster.stop(before);
        await cluster.load(45);
      }
      await end(cluster, 300);
    });

    it(`when the new servers cannot be reached for a while (${policy})`, async () => {
      const cluster = await begin(policy, [one, "10.0.0.2"]);
      cluster.platform.refuse(cluster.addressOf("10.0.0.2"));
      cluster.tell([one]);
      await cluster.load(50);
      cluster.tell(["10.0.0.2"]);
      await cluster.load(500);
      assert.equal(cluster.callsOf("10.0.0.2"), 0);
      cluster.platform.heal(cluster.addressOf("10.0.0.2"));
      await cluster.load(1500);
      assert.ok(cluster.callsOf("10.0.0.2") > 0);
      await end(cluster, 2050);
    });
  }

  it("when the policy changes again and again", async () => {
    const cluster = await begin("pick_first", five);
    const random = { random_subsetting: { subsetSize: 2, childPolicy: [{ round_robin: {} }] } };
    const configs: LoadBalancingConfigInit[] = [roundRobin, pickFirst, { least_request: {} }, random, pickFirst];
    for (let i = 0; i < 25; i++) {
      cluster.tell(five, { loadBalancingConfig: [configs[i % configs.length] ?? {}] });
      // Shorter than a connection takes, and longer.
      await cluster.load(i < 10 ? 3 : 40);
    }
    await end(cluster, 30 + 600);
  });

  it("when the policy and the list change together", async () => {
    const cluster = await begin("pick_first", five);
    for (let i = 0; i < 10; i++) {
      const hosts = i % 2 === 0 ? five.slice(0, 2) : five.slice(2);
      cluster.tell(hosts, { loadBalancingConfig: [i % 2 === 0 ? pickFirst : roundRobin] });
      await cluster.load(30);
    }
    await end(cluster, 300);
  });
});

describe("an endpoint whose connection is cut", () => {
  it("gets no further call: only those that it had are lost", async () => {
    const cluster = await begin("round_robin", five);
    cluster.tell(five);
    await cluster.load(100);
    const host = five[2] as string;
    const link = cluster.platform.openLinks.find(({ client }) => client.peer.address.includes(host));
    assert.ok(link);
    cluster.platform.refuse(cluster.addressOf(host));
    const before = cluster.callsOf(host);
    link.cut();
    await cluster.load(200);
    await cluster.finish();
    assert.equal(cluster.callsOf(host), before);
    // One call a millisecond, a fifth of them here, each under way for 2 ms + 7 ms.
    assert.ok(cluster.failures.length <= 2, cluster.failures.join("\n"));
    await cluster.close();
  });
});
