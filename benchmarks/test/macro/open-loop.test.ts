import assert from "node:assert/strict";
import { keptUp, type OpenLoad, type OpenLoopMeasurement, runOpenLoop } from "../../macro/open-loop.js";
import type { Pace } from "../../macro/pace.js";

/** A clock that moves when it is told to, and turns that come when they are told to. */
class FakePace implements Pace {
  #atMs = 0;
  #turns: (() => void)[] = [];

  now(): number {
    return this.#atMs;
  }

  nextTurn(then: () => void): void {
    this.#turns.push(then);
  }

  advance(byMs: number): void {
    this.#atMs += byMs;
  }

  turnAt(atMs: number): void {
    this.#atMs = atMs;
    const turns = this.#turns;
    this.#turns = [];
    for (const turn of turns) turn();
  }
}

interface Sent {
  readonly atMs: number;
  readonly done: (error?: unknown) => void;
}

interface Running {
  readonly pace: FakePace;
  readonly sent: readonly Sent[];
  readonly result: Promise<OpenLoopMeasurement>;
}

/** A loop whose calls are answered by hand. It begins at 0. */
async function begin(dueMs: readonly number[], load: Partial<OpenLoad> = {}): Promise<Running> {
  const pace = new FakePace();
  const sent: Sent[] = [];
  const whole = { dueMs: Float64Array.from(dueMs), durationMs: 100, maxInFlight: 10, ...load };
  const result = runOpenLoop(whole, (done) => sent.push({ atMs: pace.now(), done }), pace);
  for (let turn = 0; turn < 2000; turn++) pace.turnAt(0);
  // The loop itself begins a microtask after its pace was measured.
  await Promise.resolve();
  return { pace, sent, result };
}

const near = (us: number | undefined, expectedUs: number): void => {
  assert.ok(us !== undefined && Math.abs(us - expectedUs) <= expectedUs * 0.02 + 1, `${us} is not near ${expectedUs}`);
};

describe("runOpenLoop", () => {
  it("sends a call in the first turn at which it is due, and counts from when it was due", async () => {
    const { pace, sent, result } = await begin([1, 3]);
    pace.turnAt(0.9);
    assert.equal(sent.length, 0);
    pace.turnAt(1.5);
    assert.equal(sent.length, 1);
    pace.turnAt(3.5);
    assert.equal(sent.length, 2);
    pace.advance(0.5);
    sent[1]?.done();
    sent[0]?.done();
    pace.turnAt(100);
    const { operations, elapsedMs, p50Us, p99Us, openLoop } = await result;
    assert.deepEqual({ operations, elapsedMs }, { operations: 2, elapsedMs: 100 });
    near(p50Us, 1000);
    near(p99Us, 3000);
    near(openLoop.lateP50Us, 500);
    assert.equal(openLoop.mostInFlight, 2);
  });

  it("sends after a stall all that became due meanwhile, and its wait counts", async () => {
    const { pace, sent, result } = await begin([1, 11, 21, 31]);
    pace.turnAt(1);
    pace.turnAt(41);
    assert.deepEqual(
      sent.map(({ atMs }) => atMs),
      [1, 41, 41, 41],
    );
    for (const { done } of sent) done();
    pace.turnAt(100);
    const measurement = await result;
    // 40, 30, 20 and 10 ms: a closed loop would have sent one call, and seen 40 ms once.
    near(measurement.p50Us, 20_000);
    near(measurement.p99Us, 40_000);
    near(measurement.openLoop.lateP99Us, 30_000);
    assert.ok(keptUp(measurement));
  });

  it("has no more in flight than it may, and the wait for a place counts", async () => {
    const { pace, sent, result } = await begin([1, 2, 3], { maxInFlight: 2 });
    pace.turnAt(5);
    assert.equal(sent.length, 2);
    pace.turnAt(6);
    assert.equal(sent.length, 2);
    sent[0]?.done();
    sent[1]?.done();
    pace.turnAt(7);
    assert.equal(sent.length, 3);
    pace.advance(6);
    sent[2]?.done();
    pace.turnAt(100);
    const { p99Us, openLoop } = await result;
    near(p99Us, 10_000);
    assert.equal(openLoop.mostInFlight, 2);
    assert.equal(openLoop.unsent, 0);
  });

  it("says what was never sent, and counts what it had waited", async () => {
    const { pace, sent, result } = await begin([10, 20, 30, 40], { maxInFlight: 1 });
    pace.turnAt(10);
    pace.turnAt(100);
    assert.equal(sent.length, 1);
    pace.advance(50);
    sent[0]?.done();
    const measurement = await result;
    const { operations, p50Us, p99Us, openLoop } = measurement;
    assert.equal(operations, 0, "what is answered behind the end was not answered in time");
    assert.equal(openLoop.due, 4);
    assert.equal(openLoop.unsent, 3);
    // 80, 70 and 60 ms unsent, 140 ms answered.
    near(p50Us, 70_000);
    near(p99Us, 140_000);
    assert.ok(!keptUp(measurement));
  });

  it("sends what became due before the end in the turn behind it", async () => {
    const { pace, sent, result } = await begin([99]);
    pace.turnAt(98);
    pace.turnAt(101);
    assert.equal(sent.length, 1);
    sent[0]?.done();
    const { openLoop, p99Us } = await result;
    assert.equal(openLoop.unsent, 0);
    near(p99Us, 2000);
  });

  it("has not kept up where all was sent and too little was answered in time", async () => {
    const { pace, sent, result } = await begin([1, 2, 3, 4]);
    pace.turnAt(4);
    sent[0]?.done();
    pace.turnAt(100);
    pace.advance(1);
    for (const { done } of sent.slice(1)) done();
    const measurement = await result;
    assert.deepEqual([measurement.operations, measurement.openLoop.unsent], [1, 0]);
    assert.ok(!keptUp(measurement));
  });

  it("rejects with the first error and sends nothing more", async () => {
    const { pace, sent, result } = await begin([1, 2]);
    pace.turnAt(1);
    sent[0]?.done(new Error("it is wrong"));
    pace.turnAt(2);
    assert.equal(sent.length, 1);
    await assert.rejects(result, { message: "it is wrong" });
  });

  it("says what looking at the clock costs", async () => {
    const pace = new FakePace();
    const result = runOpenLoop({ dueMs: new Float64Array(), durationMs: 1, maxInFlight: 1 }, () => {}, pace);
    for (let turn = 1; turn <= 2000; turn++) pace.turnAt(turn / 500);
    await Promise.resolve();
    pace.turnAt(5);
    const { openLoop, p50Us } = await result;
    near(openLoop.emptyTurnUs, 2);
    assert.equal(p50Us, undefined);
  });
});
