import assert from "node:assert/strict";
import { MessageQueue, type MessageQueueOwner, MessageStream } from "../../src/base/message-queue.js";

class CountingOwner implements MessageQueueOwner {
  taken = 0;
  left = 0;

  onTaken(): void {
    this.taken++;
  }

  onReaderLeft(): void {
    this.left++;
  }
}

describe("MessageQueue", () => {
  let owner: CountingOwner;
  let queue: MessageQueue;

  beforeEach(() => {
    owner = new CountingOwner();
    queue = new MessageQueue(owner);
  });

  it("gives messages in order, and says when each was taken", async () => {
    for (const message of ["a", "b"]) queue.push(message);
    assert.equal(queue.size, 2);
    assert.deepEqual(await queue.next(), { done: false, value: "a" });
    assert.equal(owner.taken, 1);
    assert.equal(queue.size, 1);
    assert.deepEqual(await queue.next(), { done: false, value: "b" });
    assert.equal(owner.taken, 2);
  });

  it("hands a message to a reader that waits, without queueing it", async () => {
    const next = queue.next();
    queue.push("a");
    assert.equal(queue.size, 0);
    assert.equal(owner.taken, 1);
    assert.deepEqual(await next, { done: false, value: "a" });
  });

  it("ends behind what is queued, and takes nothing more", async () => {
    queue.push("a");
    queue.end();
    queue.push("b");
    queue.fail(new Error("late"));
    assert.deepEqual(await queue.next(), { done: false, value: "a" });
    for (let i = 0; i < 2; i++) assert.deepEqual(await queue.next(), { done: true, value: undefined });
  });

  it("fails behind what is queued, once", async () => {
    queue.push("a");
    queue.fail(new Error("broken"));
    await queue.next();
    await assert.rejects(queue.next(), /^Error: broken$/);
    assert.deepEqual(await queue.next(), { done: true, value: undefined });
  });

  it("aborts in place of what is queued, also behind the end", async () => {
    queue.push("a");
    queue.push("b");
    queue.end();
    await queue.next();
    queue.abort(new Error("over"));
    await assert.rejects(queue.next(), /^Error: over$/);
    assert.deepEqual(await queue.next(), { done: true, value: undefined });
  });

  it("lets a reader that was given everything come to its end, whatever happens then", async () => {
    queue.push("a");
    queue.end();
    await queue.next();
    queue.abort(new Error("over"));
    assert.deepEqual(await queue.next(), { done: true, value: undefined });
  });

  it("keeps the first error when it fails and is aborted", async () => {
    queue.push("a");
    queue.fail(new Error("first"));
    queue.abort(new Error("second"));
    await assert.rejects(queue.next(), /^Error: first$/);
  });

  it("fails even with undefined", async () => {
    queue.fail(undefined);
    await assert.rejects(queue.next(), (error: unknown) => error === undefined);
  });

  it("forgets what is queued, and an error, when the reader leaves", async () => {
    queue.push("a");
    queue.leave();
    queue.leave();
    assert.equal(queue.size, 0);
    assert.equal(owner.left, 1);
    assert.deepEqual(await queue.next(), { done: true, value: undefined });
    const failed = new MessageQueue(owner);
    failed.fail(new Error("broken"));
    failed.leave();
    assert.deepEqual(await failed.next(), { done: true, value: undefined });
    assert.equal(owner.left, 1);
  });

  it("is read through a stream that can be read once", async () => {
    const stream = new MessageStream(queue);
    queue.push("a");
    queue.end();
    const seen: unknown[] = [];
    for await (const message of stream) seen.push(message);
    assert.deepEqual(seen, ["a"]);
    await assert.rejects(async () => {
      for await (const _ of stream) assert.fail("read twice");
    }, /^Error: a stream of messages can be read only once$/);
  });
});
