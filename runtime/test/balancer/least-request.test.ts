import assert from "node:assert/strict";
import { type LeastRequestConfig, leastRequest } from "../../src/balancer/least-request.js";
import type { LoadBalancingPolicy } from "../../src/balancer/load-balancing-policy.js";
import type { PickObserver } from "../../src/balancer/picker.js";
import { OK } from "../../src/rpc/status.js";
import { endpoints, FakeController } from "./fake-controller.js";
import { countPicks } from "./pick-counts.js";

function parse(json: Readonly<Record<string, unknown>>): unknown {
  const policies = { choose: () => assert.fail("not here"), withoutEffect: "reject" } as const;
  const parsed = leastRequest.parseConfig(json, "x", policies);
  return "error" in parsed ? parsed.error : parsed.value.choiceCount;
}

function ready(
  hosts: readonly string[],
  choiceCount = 2,
): { controller: FakeController; policy: LoadBalancingPolicy<LeastRequestConfig> } {
  const controller = new FakeController();
  const policy = leastRequest.create(controller);
  policy.onUpdate({ endpoints: endpoints(...hosts), config: { choiceCount } });
  for (const host of hosts) controller.at(`${host}:1`).become("READY");
  return { controller, policy };
}

interface RunningCall {
  readonly name: string;
  end(): void;
}

function startCall(controller: FakeController): RunningCall {
  const result = controller.pick();
  assert.ok(result.kind === "pick");
  const observer = result.observer as PickObserver;
  observer.onStart?.();
  return { name: result.subchannel.name, end: () => observer.onEnd(OK) };
}

describe("least_request", () => {
  it("has 2 choices unless it is told otherwise, 10 at most (gRFC A48)", () => {
    assert.equal(parse({}), 2);
    assert.equal(parse({ choiceCount: 3 }), 3);
    assert.equal(parse({ choiceCount: "4" }), 4);
    assert.equal(parse({ choiceCount: 11 }), 10);
    assert.equal(parse({ choiceCount: 1 }), "x.choiceCount is 1: expected a whole number of 2 or more");
    assert.equal(parse({ choiceCount: 2.5 }), "x.choiceCount is 2.5: expected a whole number of 2 or more");
    assert.equal(parse({ choices: 2 }), "x.choices is not a field that is known: expected one of choiceCount");
  });

  it("spreads calls that end at once evenly: each of three within 7 % of a third of 10,000 (five deviations)", () => {
    const { controller } = ready(["a", "b", "c"]);
    for (const count of Object.values(countPicks(controller, 10_000))) {
      assert.ok(Math.abs(count - 3333) < 236, `one has ${count}`);
    }
  });

  it("keeps running calls balanced: three endpoints have within 2 of each other at all times", () => {
    const { controller } = ready(["a", "b", "c"], 10);
    const counts: Record<string, number> = { "a:1": 0, "b:1": 0, "c:1": 0 };
    for (let i = 0; i < 1000; i++) {
      const { name } = startCall(controller);
      counts[name] = (counts[name] ?? 0) + 1;
      const values = Object.values(counts);
      assert.ok(Math.max(...values) - Math.min(...values) <= 2, JSON.stringify(counts));
    }
  });

  it("gives an endpoint that never answers fewer calls than those that do", () => {
    const { controller } = ready(["slow", "b", "c"]);
    let slow = 0;
    for (let i = 0; i < 3000; i++) {
      const call = startCall(controller);
      if (call.name === "slow:1") slow++;
      else call.end();
    }
    // It is picked only when it is drawn twice: one time in nine.
    assert.ok(slow > 200 && slow < 470, `${slow} of 3000`);
  });

  it("counts on when the picker changes", () => {
    const { controller, policy } = ready(["a", "b"], 10);
    const calls = Array.from({ length: 20 }, () => startCall(controller));
    for (const call of calls) if (call.name === "a:1") call.end();
    policy.onUpdate({ endpoints: endpoints("a", "b", "c"), config: { choiceCount: 10 } });
    const next = Array.from({ length: 10 }, () => startCall(controller).name);
    assert.deepEqual(new Set(next), new Set(["a:1"]));
  });

  it("makes no object for a pick", () => {
    const { controller } = ready(["a"]);
    assert.equal(controller.pick(), controller.pick());
  });
});
