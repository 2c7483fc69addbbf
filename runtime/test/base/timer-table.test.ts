import assert from "node:assert/strict";
import type { Timer } from "../../src/base/platform.js";
import { TimerTable } from "../../src/base/timer-table.js";

/** Whole numbers in [0, below), the same for the same seed. */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("TimerTable", () => {
  it("runs what is due, in order of time", () => {
    const table = new TimerTable();
    const ran: string[] = [];
    table.schedule(30, () => ran.push("c"), true);
    table.schedule(10, () => ran.push("a"), true);
    table.schedule(20, () => ran.push("b"), true);
    assert.equal(table.nextAt, 10);
    table.runDue(9.9);
    assert.deepEqual(ran, []);
    table.runDue(20);
    assert.deepEqual(ran, ["a", "b"]);
    assert.equal(table.nextAt, 30);
    table.runDue(1000);
    assert.deepEqual(ran, ["a", "b", "c"]);
    assert.equal(table.nextAt, Number.POSITIVE_INFINITY);
    assert.equal(table.size, 0);
  });

  it("runs equal times in the order in which they were scheduled", () => {
    const table = new TimerTable();
    const ran: number[] = [];
    for (let i = 0; i < 100; i++) table.schedule(5, () => ran.push(i), true);
    table.runDue(5);
    assert.deepEqual(
      ran,
      Array.from({ length: 100 }, (_, i) => i),
    );
  });

  it("counts the timers that hold the process and tells when the first comes and the last goes", () => {
    const changes: boolean[] = [];
    const table = new TimerTable((held) => changes.push(held));
    const loose = table.schedule(1, () => {}, false);
    assert.deepEqual([table.size, table.holding, changes], [1, 0, []]);
    const a = table.schedule(2, () => {}, true);
    const b = table.schedule(3, () => {}, true);
    assert.deepEqual([table.size, table.holding, changes], [3, 2, [true]]);
    a.cancel();
    loose.cancel();
    assert.deepEqual([table.size, table.holding, changes], [1, 1, [true]]);
    table.runDue(3);
    assert.deepEqual([table.size, table.holding, changes], [0, 0, [true, false]]);
    b.cancel();
    assert.deepEqual([table.size, table.holding, changes], [0, 0, [true, false]]);
  });

  it("ignores a cancel after the run, during it, and a second one", () => {
    const table = new TimerTable();
    let runs = 0;
    const timer: Timer = table.schedule(
      1,
      () => {
        runs++;
        timer.cancel();
      },
      true,
    );
    table.schedule(2, () => runs++, true);
    table.runDue(1);
    timer.cancel();
    timer.cancel();
    assert.deepEqual([runs, table.size, table.holding], [1, 1, 1]);
  });

  it("lets a callback cancel one that is due in the same run", () => {
    const table = new TimerTable();
    const ran: string[] = [];
    table.schedule(1, () => victim.cancel(), true);
    const victim = table.schedule(1, () => ran.push("victim"), true);
    table.schedule(1, () => ran.push("last"), true);
    table.runDue(1);
    assert.deepEqual(ran, ["last"]);
  });

  it("keeps what a callback schedules for the next run, however early its time", () => {
    const table = new TimerTable();
    const ran: string[] = [];
    table.schedule(
      5,
      () => {
        ran.push("first");
        table.schedule(1, () => ran.push("past"), true);
        table.schedule(6, () => ran.push("due"), true);
        table.schedule(2, () => ran.push("cancelled"), true).cancel();
      },
      true,
    );
    table.schedule(7, () => ran.push("second"), true);
    table.runDue(10);
    assert.deepEqual(ran, ["first", "second"]);
    assert.deepEqual([table.size, table.holding, table.nextAt], [2, 2, 1]);
    table.runDue(10);
    assert.deepEqual(ran, ["first", "second", "past", "due"]);
  });

  it("lets a later callback cancel what an earlier one of the same run has scheduled", () => {
    const table = new TimerTable();
    const ran: string[] = [];
    let fresh: Timer | undefined;
    table.schedule(1, () => (fresh = table.schedule(1, () => ran.push("fresh"), true)), true);
    table.schedule(2, () => fresh?.cancel(), true);
    table.runDue(3);
    assert.deepEqual([table.size, table.holding, table.nextAt], [0, 0, Number.POSITIVE_INFINITY]);
    table.runDue(3);
    assert.deepEqual(ran, []);
  });

  it("does not spin on a timer that renews itself", () => {
    const table = new TimerTable();
    let runs = 0;
    const renew = (): void => {
      runs++;
      table.schedule(0, renew, true);
    };
    renew();
    for (let i = 0; i < 5; i++) table.runDue(100);
    assert.equal(runs, 6);
  });

  it("survives a run inside a run", () => {
    const table = new TimerTable();
    const ran: number[] = [];
    table.schedule(1, () => table.runDue(2), true);
    table.schedule(2, () => ran.push(2), true);
    table.schedule(3, () => ran.push(3), true);
    table.runDue(3);
    assert.deepEqual(ran, [2, 3]);
    assert.equal(table.size, 0);
  });

  it("runs the others when one throws, and throws its error after them", () => {
    const table = new TimerTable();
    const ran: string[] = [];
    const failure = new Error("mine");
    table.schedule(
      1,
      () => {
        throw failure;
      },
      true,
    );
    table.schedule(2, () => ran.push("other"), true);
    assert.throws(
      () => table.runDue(2),
      (error) => error === failure,
    );
    assert.deepEqual([ran, table.size], [["other"], 0]);
  });

  it("gathers the errors of several", () => {
    const table = new TimerTable();
    const fail = (name: string) => (): void => {
      throw new Error(name);
    };
    table.schedule(1, fail("a"), true);
    table.schedule(1, fail("b"), true);
    assert.throws(
      () => table.runDue(1),
      (error) => error instanceof AggregateError && error.message === "2 timers threw" && error.errors.length === 2,
    );
  });

  it("never runs a timer at Infinity, and refuses one at NaN", () => {
    const table = new TimerTable();
    let ran = false;
    table.schedule(Number.POSITIVE_INFINITY, () => (ran = true), true);
    table.runDue(Number.MAX_VALUE);
    assert.equal(ran, false);
    assert.throws(() => table.schedule(Number.NaN, () => {}, true), /internal error: a timer's time is a number/);
    assert.equal(table.size, 1);
  });

  for (const seed of [1, 2, 3, 4, 5]) {
    it(`does what a sorted list would do (seed ${seed})`, () => {
      const roll = dice(seed);
      const table = new TimerTable();
      interface Entry {
        at: number;
        id: number;
        holds: boolean;
        timer: Timer;
      }
      let model: Entry[] = [];
      const ran: number[] = [];
      let now = 0;
      for (let id = 0; id < 4000; id++) {
        const action = roll(10);
        if (action < 6) {
          const at = now + roll(50);
          const holds = roll(2) === 0;
          model.push({ at, id, holds, timer: table.schedule(at, () => ran.push(id), holds) });
        } else if (action < 9) {
          const victim = model[roll(model.length)];
          victim?.timer.cancel();
          model = model.filter((entry) => entry !== victim);
        } else {
          now += roll(20);
          ran.length = 0;
          table.runDue(now);
          const due = model.filter((entry) => entry.at <= now).sort((a, b) => a.at - b.at || a.id - b.id);
          assert.deepEqual(
            ran,
            due.map((entry) => entry.id),
          );
          model = model.filter((entry) => entry.at > now);
        }
        assert.equal(table.size, model.length);
        assert.equal(table.holding, model.filter((entry) => entry.holds).length);
        assert.equal(table.nextAt, Math.min(...model.map((entry) => entry.at)));
      }
    });
  }
});
