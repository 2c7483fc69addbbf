import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { TurnQueue } from "../../src/net/turn-queue.js";
import { runChild } from "../support/child-process.js";

describe("TurnQueue", () => {
  it("runs after the present work and its microtasks, in order", async () => {
    const queue = new TurnQueue();
    const ran: string[] = [];
    await new Promise<void>((resolve) => {
      queue.schedule(() => ran.push("a"));
      queue.schedule(() => ran.push("b"));
      queue.schedule(resolve);
      queueMicrotask(() => ran.push("microtask"));
      ran.push("now");
    });
    assert.deepEqual(ran, ["now", "microtask", "a", "b"]);
  });

  it("runs what a callback schedules in the turn after", async () => {
    const queue = new TurnQueue();
    const ran: string[] = [];
    await new Promise<void>((resolve) => {
      queue.schedule(() => {
        ran.push("first");
        queue.schedule(() => ran.push("third"));
        queue.schedule(resolve);
      });
      queue.schedule(() => ran.push("second"));
      setImmediate(() => ran.push("another's turn"));
    });
    assert.deepEqual(ran, ["first", "second", "another's turn", "third"]);
  });

  it("runs callbacks outside the context of the one who scheduled first", async () => {
    const storage = new AsyncLocalStorage<string>();
    const queue = new TurnQueue();
    const seen = await new Promise<string | undefined>((resolve) => {
      storage.run("a request", () => queue.schedule(() => {}));
      queue.schedule(() => resolve(storage.getStore()));
    });
    assert.equal(seen, undefined);
  });

  it("runs the others when one throws, reports the error as uncaught, and goes on", async () => {
    const module = new URL("../../src/net/turn-queue.js", import.meta.url).href;
    const result = await runChild(
      `import { TurnQueue } from ${JSON.stringify(module)};
       const queue = new TurnQueue();
       process.on("uncaughtException", (error) => {
         console.log("uncaught", error.message, error instanceof AggregateError);
         queue.schedule(() => console.log("next turn"));
       });
       queue.schedule(() => console.log("before"));
       queue.schedule(() => { throw new Error("mine"); });
       queue.schedule(() => console.log("after"));`,
    );
    assert.deepEqual(result, { exitCode: 0, output: "before\nafter\nuncaught mine false\nnext turn\n", errors: "" });
  });
});
