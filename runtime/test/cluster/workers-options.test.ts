import assert from "node:assert/strict";
import { runWorkers, type WorkersOptions } from "../../src/cluster/cluster.js";

describe("cluster: options", () => {
  const start = async () => ({ close: async () => undefined });
  const wrong: readonly [Partial<Record<keyof WorkersOptions | "worker", unknown>>, string][] = [
    [{ start, worker: 2 }, "options.worker does not exist; there are: start, workers, graceMs, startTimeoutMs, logger"],
    [{}, "start is no function: expected one that opens a server"],
    [{ start, workers: 0 }, "workers is 0: expected a whole number of 1 or more"],
    [{ start, workers: 1.5 }, "workers is 1.5: expected a whole number of 1 or more"],
    [{ start, workers: "4" }, "workers is 4: expected a whole number of 1 or more"],
    [{ start, graceMs: -1 }, "graceMs is -1: expected a number of 0 or more, in milliseconds"],
    [{ start, graceMs: Number.NaN }, "graceMs is NaN: expected a number of 0 or more, in milliseconds"],
    [{ start, startTimeoutMs: "1s" }, "startTimeoutMs is 1s: expected a number of 0 or more, in milliseconds"],
  ];

  for (const [options, message] of wrong) {
    it(`are checked before a process is made: ${message}`, async () => {
      await assert.rejects(runWorkers(options as WorkersOptions), { name: "TypeError", message });
    });
  }
});
