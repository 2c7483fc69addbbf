import assert from "node:assert/strict";
import { type Resumable, TurnBudget } from "../../../src/transport/message/turn-budget.js";

class Taker implements Resumable {
  taken = 0;
  constructor(
    readonly budget: TurnBudget,
    public wants: number,
  ) {}

  resume(): void {
    while (this.wants > 0 && this.budget.take(this)) {
      this.wants -= 1;
      this.taken += 1;
    }
  }
}

const idle = { schedule: () => undefined };

describe("TurnBudget", () => {
  it("gives so many messages a turn, and asks for another turn when somebody waits", () => {
    let turns = 0;
    const budget = new TurnBudget(10, { schedule: () => turns++ });
    const taker = new Taker(budget, 25);
    taker.resume();
    assert.deepEqual([taker.taken, turns], [10, 1]);
    budget.renew();
    assert.deepEqual([taker.taken, turns], [20, 2]);
    budget.renew();
    assert.deepEqual([taker.taken, turns], [25, 2]);
  });

  it("serves those who wait in turn: nobody starves", () => {
    const budget = new TurnBudget(10, idle);
    const takers = [new Taker(budget, 1000), new Taker(budget, 1000), new Taker(budget, 1000)];
    for (const taker of takers) taker.resume();
    for (let turn = 0; turn < 29; turn++) budget.renew();
    for (const { taken } of takers) assert.ok(taken >= 90 && taken <= 110, `${taken} of 300`);
  });

  it("asks another for the turns that are still wanted when those of its connection have ended", () => {
    let turns = 0;
    const budget = new TurnBudget(10, idle);
    const taker = new Taker(budget, 25);
    taker.resume();
    budget.outlive({ schedule: () => turns++ });
    assert.equal(turns, 1);
    budget.renew();
    budget.renew();
    assert.deepEqual([taker.taken, turns], [25, 2]);
  });

  it("forgets those who do not want any more, and takes back what was taken for nothing", () => {
    const budget = new TurnBudget(1, idle);
    const [first, second] = [new Taker(budget, 2), new Taker(budget, 1)];
    first.resume();
    second.resume();
    budget.forget(first);
    budget.renew();
    assert.deepEqual([first.taken, second.taken], [1, 1]);
    budget.giveBack();
    assert.ok(budget.take(first));
  });
});
