import assert from "node:assert/strict";
import { WorkQueue } from "../../src/base/work-queue.js";

describe("WorkQueue", () => {
  it("runs work at once when nothing runs", () => {
    const log: string[] = [];
    const queue = new WorkQueue(() => assert.fail("no error was expected"));
    queue.run(() => log.push("a"));
    log.push("b");
    assert.deepEqual(log, ["a", "b"]);
  });

  it("runs what arrives meanwhile afterwards, in the order of arrival", () => {
    const log: string[] = [];
    const queue = new WorkQueue(() => assert.fail("no error was expected"));
    queue.run(() => {
      log.push("a starts");
      queue.run(() => {
        log.push("b");
        queue.run(() => log.push("d"));
      });
      queue.run(() => log.push("c"));
      log.push("a ends");
    });
    assert.deepEqual(log, ["a starts", "a ends", "b", "c", "d"]);
  });

  it("reports what work throws, and goes on", () => {
    const log: unknown[] = [];
    const queue = new WorkQueue((error) => log.push(error));
    queue.run(() => {
      queue.run(() => log.push("after"));
      throw new Error("broken");
    });
    queue.run(() => log.push("later"));
    assert.deepEqual(log, [new Error("broken"), "after", "later"]);
  });
});
