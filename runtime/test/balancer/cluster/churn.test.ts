import assert from "node:assert/strict";
import type { LoadBalancingConfigInit } from "../../../src/service-config/service-config-init.js";
import { Cluster } from "./cluster.js";

const roundRobin: LoadBalancingConfigInit = { round_robin: {} };
const policies: readonly LoadBalancingConfigInit[] = [
  { pick_first: {} },
  { pick_first: { shuffleAddressList: true } },
  roundRobin,
  { least_request: { choiceCount: 3 } },
  { weighted_round_robin: {} },
  { ring_hash: {} },
  { random_subsetting: { subsetSize: 2, childPolicy: [roundRobin] } },
  { outlier_detection: { childPolicy: [roundRobin], failurePercentageEjection: {} } },
];

/** Servers come and go, a resolver that is right sooner or later tells of it, and now and then of another policy. */
class Churn {
  readonly cluster: Cluster;
  /** In the order in which they were started. */
  #running: string[] = [];
  #told: readonly string[] = [];
  #policy: LoadBalancingConfigInit = roundRobin;
  #started = 0;
  calls = 0;

  constructor(seed: number) {
    this.cluster = new Cluster(3 + (seed % 5), {}, seed);
  }

  async run(steps: number): Promise<void> {
    this.cluster.channel.connect();
    await this.#startOne();
    await this.#startOne();
    this.#tell(this.#running);
    for (let i = 0; i < steps; i++) {
      await this.#step();
      const ms = 1 + this.#below(20);
      await this.cluster.load(ms);
      this.calls += ms;
    }
    await this.cluster.finish();
  }

  async #step(): Promise<void> {
    switch (this.#below(5)) {
      case 0:
        await this.#startOne();
        return;
      case 1:
        this.#policy = policies[this.#below(policies.length)] ?? roundRobin;
        this.#tell(this.#told);
        return;
      case 2:
        this.#stopOne();
        return;
      default:
        this.#tell(this.#running.filter(() => this.#below(3) > 0));
    }
  }

  async #startOne(): Promise<void> {
    const host = `10.0.${this.#started >> 8}.${this.#started & 255}`;
    this.#started++;
    await this.cluster.start(host);
    this.#running.push(host);
  }

  /** One that nobody was told of, or that is not alone: somebody must be there to answer. */
  #stopOne(): void {
    const host = this.#running[this.#below(this.#running.length)] as string;
    const others = this.#told.filter((other) => other !== host && this.#running.includes(other));
    if (this.#told.includes(host) && (others.length === 0 || this.#usesPart)) return;
    this.#running = this.#running.filter((other) => other !== host);
    this.cluster.stop(host);
  }

  /** Its part may be all of servers that are gone: then they may not be told. */
  get #usesPart(): boolean {
    return "random_subsetting" in this.#policy;
  }

  /** At least one that runs. */
  #tell(hosts: readonly string[]): void {
    const running = hosts.filter((host) => this.#running.includes(host));
    if (running.length === 0) this.#told = this.#running.slice(-1);
    else this.#told = this.#usesPart ? running : [...hosts];
    this.cluster.tell(this.#told, { loadBalancingConfig: [this.#policy] });
  }

  #below(limit: number): number {
    return Math.floor(this.cluster.platform.random() * limit);
  }
}

describe("servers, lists and policies that change at random", () => {
  for (let seed = 1; seed <= 12; seed++) {
    it(`fail no call (seed ${seed})`, async () => {
      const churn = new Churn(seed);
      await churn.run(60);
      assert.deepEqual(churn.cluster.failures, []);
      assert.equal(churn.cluster.outcomes.length, churn.calls);
      await churn.cluster.close();
    });
  }
});
