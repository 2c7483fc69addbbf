import assert from "node:assert/strict";
import { ServingWatch } from "../../../src/services/health/serving-watch.js";
import { ServingStatus } from "../../../src/services/health.js";

const { SERVING, NOT_SERVING } = ServingStatus;

describe("ServingWatch", () => {
  it("tells the first status at once, and each change", async () => {
    const watch = new ServingWatch(SERVING, () => {});
    assert.deepEqual(await watch.next(), { done: false, value: { status: SERVING } });
    const next = watch.next();
    watch.change(NOT_SERVING);
    assert.deepEqual(await next, { done: false, value: { status: NOT_SERVING } });
  });

  it("tells no status twice", async () => {
    const watch = new ServingWatch(SERVING, () => {});
    await watch.next();
    const next = watch.next();
    watch.change(SERVING);
    watch.change(NOT_SERVING);
    assert.deepEqual(await next, { done: false, value: { status: NOT_SERVING } });
  });

  it("tells only the last of what changed while nobody asked, and nothing when it is as it was", async () => {
    const watch = new ServingWatch(SERVING, () => {});
    await watch.next();
    watch.change(NOT_SERVING);
    watch.change(SERVING);
    const next = watch.next();
    assert.equal(await Promise.race([next, Promise.resolve("waits")]), "waits");
    watch.change(NOT_SERVING);
    assert.deepEqual(await next, { done: false, value: { status: NOT_SERVING } });
  });

  it("ends a next that waits when the call has ended", async () => {
    let ended = 0;
    const watch = new ServingWatch(SERVING, () => ended++);
    await watch.next();
    const next = watch.next();
    await watch.return();
    assert.deepEqual(await next, { done: true, value: undefined });
    assert.equal(ended, 1);
  });
});
