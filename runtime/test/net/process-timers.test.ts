import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { performance } from "node:perf_hooks";
import { longestDelayMs, ProcessTimers, sleepUntil } from "../../src/net/process-timers.js";
import { runChild } from "../support/child-process.js";

const module = new URL("../../src/net/process-timers.js", import.meta.url).href;
const prelude = `import { ProcessTimers } from ${JSON.stringify(module)}; const timers = new ProcessTimers(); const now = performance.now();`;

describe("sleepUntil", () => {
  const cases: readonly [string, number, number, number][] = [
    ["rounds up to whole milliseconds", 100.2, 50.1, 51],
    ["sleeps at least one millisecond", 100, 99.99, 1],
    ["sleeps one millisecond when it is late", 100, 5000, 1],
    ["sleeps exactly the longest delay", longestDelayMs, 0, longestDelayMs],
    ["goes to a far deadline in steps", longestDelayMs + 1, 0, longestDelayMs],
    ["goes to a very far deadline in steps", 1e15, 0, longestDelayMs],
    ["goes on after a step", longestDelayMs + 10, longestDelayMs, 10],
    ["knows Infinity", Number.POSITIVE_INFINITY, 0, longestDelayMs],
  ];
  for (const [title, at, now, expected] of cases) it(title, () => assert.equal(sleepUntil(at, now), expected));

  it("stays below what setTimeout can take", () => assert.equal(longestDelayMs, 2147483647));
});

describe("ProcessTimers", () => {
  it("runs in order of time, never early", async () => {
    const timers = new ProcessTimers();
    const start = performance.now();
    const ran: string[] = [];
    const early: number[] = [];
    await new Promise<void>((resolve) => {
      const note = (name: string, at: number) => () => {
        ran.push(name);
        if (performance.now() < at) early.push(at);
        if (ran.length === 4) resolve();
      };
      timers.set(start + 12.5, note("c", start + 12.5), true);
      timers.set(start + 3.25, note("a", start + 3.25), true);
      timers.set(start + 12.5, note("d", start + 12.5), true);
      timers.set(start + 7.75, note("b", start + 7.75), true);
    });
    assert.deepEqual(ran, ["a", "b", "c", "d"]);
    assert.deepEqual(early, []);
  });

  it("goes on when a callback schedules another one, in the past too", async () => {
    const timers = new ProcessTimers();
    const ran: string[] = [];
    await new Promise<void>((resolve) => {
      timers.set(
        performance.now(),
        () => {
          ran.push("first");
          timers.set(0, () => ran.push("past"), true);
          timers.set(performance.now() + 2, resolve, true);
        },
        true,
      );
    });
    assert.deepEqual(ran, ["first", "past"]);
  });

  it("does not run a cancelled timer, and runs the ones after it", async () => {
    const timers = new ProcessTimers();
    const start = performance.now();
    let cancelledRan = false;
    const cancelled = timers.set(start + 1, () => (cancelledRan = true), true);
    const done = new Promise<void>((resolve) => void timers.set(start + 5, resolve, true));
    cancelled.cancel();
    await done;
    assert.equal(cancelledRan, false);
  });

  it("R68 grpc-js 1.14.7: does not fire a deadline beyond setTimeout's range at once", async () => {
    const timers = new ProcessTimers();
    let fired = false;
    const far = timers.set(performance.now() + 2 ** 31 + 1000, () => (fired = true), true);
    await new Promise<void>((resolve) => void timers.set(performance.now() + 5, resolve, true));
    assert.equal(fired, false);
    far.cancel();
  });

  it("runs its callbacks outside the context of the one who scheduled first", async () => {
    const storage = new AsyncLocalStorage<string>();
    const timers = new ProcessTimers();
    const seen = await new Promise<string | undefined>((resolve) => {
      storage.run("a request", () => timers.set(performance.now() + 1, () => resolve(storage.getStore()), true));
    });
    assert.equal(seen, undefined);
  });

  it("lets the process exit while only timers that do not hold it are pending", async () => {
    const result = await runChild(`${prelude} timers.set(now + 60_000, () => console.log("fired"), false);`);
    assert.deepEqual(result, { exitCode: 0, output: "", errors: "" });
  });

  it("lets the process exit once the last timer that holds it is cancelled", async () => {
    const result = await runChild(
      `${prelude} timers.set(now + 60_000, () => {}, false);
       const held = timers.set(now + 50_000, () => console.log("fired"), true);
       setImmediate(() => held.cancel());`,
    );
    assert.deepEqual(result, { exitCode: 0, output: "", errors: "" });
  });

  it("keeps the process for a timer that holds it, on an armed timer that did not", async () => {
    const result = await runChild(
      `${prelude} timers.set(now + 10, () => console.log("loose"), false);
       timers.set(now + 40, () => console.log("held"), true);`,
    );
    assert.deepEqual(result, { exitCode: 0, output: "loose\nheld\n", errors: "" });
  });

  it("runs the others when one throws, and reports the error as uncaught", async () => {
    const result = await runChild(
      `${prelude} process.on("uncaughtException", (error) => console.log("uncaught", error.message));
       timers.set(now + 1, () => { throw new Error("mine"); }, true);
       timers.set(now + 1, () => console.log("same time"), true);
       timers.set(now + 400, () => console.log("later"), true);`,
    );
    assert.deepEqual(result, { exitCode: 0, output: "same time\nuncaught mine\nlater\n", errors: "" });
  });
});
