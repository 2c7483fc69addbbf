import assert from "node:assert/strict";
import { Http2Stream } from "../../src/http2/stream/http2-stream.js";
import { WriteScheduler } from "../../src/http2/write-scheduler.js";

function streams(count: number): Http2Stream[] {
  return Array.from({ length: count }, (_, i) => new Http2Stream(2 * i + 1, 100));
}

/** Ids in the order in which their turns come, until the ring is empty. */
function takeAll(scheduler: WriteScheduler): number[] {
  const order: number[] = [];
  for (let stream = scheduler.take(); stream !== undefined; stream = scheduler.take()) order.push(stream.id);
  return order;
}

describe("WriteScheduler", () => {
  it("gives turns in the order in which streams came, each once", () => {
    const scheduler = new WriteScheduler();
    const [a, b, c] = streams(3) as [Http2Stream, Http2Stream, Http2Stream];
    assert.ok(scheduler.idle);
    for (const stream of [b, a, b, c, a]) scheduler.schedule(stream);
    assert.ok(!scheduler.idle);
    assert.deepEqual(takeAll(scheduler), [3, 1, 5]);
    assert.ok(scheduler.idle);
  });

  it("lets a stream that has more wait for all others", () => {
    const scheduler = new WriteScheduler();
    const all = streams(4);
    for (const stream of all) scheduler.schedule(stream);
    const order: number[] = [];
    for (let turn = 0; turn < 12; turn++) {
      const stream = scheduler.take() as Http2Stream;
      order.push(stream.id);
      scheduler.schedule(stream);
    }
    assert.deepEqual(order, [1, 3, 5, 7, 1, 3, 5, 7, 1, 3, 5, 7]);
  });

  it("stays fair and bounded over many turns", () => {
    const scheduler = new WriteScheduler();
    for (const stream of streams(3)) scheduler.schedule(stream);
    const turns = new Map<number, number>();
    for (let turn = 0; turn < 30_000; turn++) {
      const stream = scheduler.take() as Http2Stream;
      turns.set(stream.id, (turns.get(stream.id) ?? 0) + 1);
      scheduler.schedule(stream);
    }
    assert.deepEqual([...turns.values()], [10_000, 10_000, 10_000]);
  });

  it("leaves blocked streams out until they are unblocked", () => {
    const scheduler = new WriteScheduler();
    const [a, b] = streams(2) as [Http2Stream, Http2Stream];
    scheduler.block(a);
    scheduler.block(b);
    assert.ok(scheduler.idle);
    assert.deepEqual(takeAll(scheduler), []);
    scheduler.unblock(b);
    assert.deepEqual(takeAll(scheduler), [3]);
    scheduler.unblock(b);
    assert.ok(scheduler.idle, "a stream that is not blocked is not unblocked");
    scheduler.block(b);
    scheduler.unblockAll();
    assert.ok(!scheduler.idle);
    assert.deepEqual(takeAll(scheduler), [1, 3]);
    scheduler.unblockAll();
    assert.ok(scheduler.idle);
  });

  it("schedules a blocked stream that is scheduled by other means once", () => {
    const scheduler = new WriteScheduler();
    const [a] = streams(1) as [Http2Stream];
    scheduler.block(a);
    scheduler.schedule(a);
    scheduler.unblockAll();
    assert.deepEqual(takeAll(scheduler), [1]);
  });

  it("forgets a blocked stream that has ended", () => {
    const scheduler = new WriteScheduler();
    const [a] = streams(1) as [Http2Stream];
    scheduler.block(a);
    scheduler.forget(a);
    scheduler.unblockAll();
    scheduler.unblock(a);
    assert.ok(scheduler.idle);
  });

  it("forgets a scheduled stream that has ended, without touching the others' order", () => {
    const scheduler = new WriteScheduler();
    const all = streams(1000);
    for (const stream of all) scheduler.schedule(stream);
    for (const stream of all) if (stream.id % 10 !== 1) scheduler.forget(stream);
    const left = takeAll(scheduler);
    const wanted = all.filter((stream) => stream.id % 10 === 1).map((stream) => stream.id);
    assert.deepEqual(
      left.filter((id) => id % 10 === 1),
      wanted,
    );
  });

  it("is idle when all that were scheduled have ended, before their turn or not", () => {
    const scheduler = new WriteScheduler();
    const all = streams(10);
    for (let round = 0; round < 3; round++) {
      for (const stream of all) scheduler.schedule(stream);
      for (const stream of all.slice(0, 9)) scheduler.forget(stream);
      assert.ok(!scheduler.idle);
      assert.deepEqual(takeAll(scheduler), [19]);
      assert.ok(scheduler.idle);
      for (const stream of all) scheduler.schedule(stream);
      for (const stream of all) scheduler.forget(stream);
      assert.ok(scheduler.idle);
    }
    scheduler.schedule(new Http2Stream(99, 100));
    assert.ok(!scheduler.idle);
    assert.deepEqual(takeAll(scheduler), [99]);
  });

  it("holds few streams that were reset while nothing can be written (rapid reset against a full socket)", () => {
    const scheduler = new WriteScheduler();
    for (let i = 0; i < 100_000; i++) {
      const stream = new Http2Stream(2 * i + 1, 100);
      scheduler.schedule(stream);
      scheduler.forget(stream);
    }
    assert.ok(takeAll(scheduler).length <= 200);
  });
});
