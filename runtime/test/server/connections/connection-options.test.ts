import assert from "node:assert/strict";
import { resolveUpkeep } from "../../../src/server/connections/connection-options.js";
import { createServer } from "../../../src/server/server.js";
import type { ServerOptions } from "../../../src/server/server-options.js";

const never = Number.POSITIVE_INFINITY;

describe("connection options of a server", () => {
  it("are those of gRFC A8 and A9 by default", () => {
    const defaults = {
      keepalive: { timeMs: 7_200_000, timeoutMs: 20_000 },
      pings: { minIntervalMs: 300_000, permitWithoutCalls: false },
      age: { maxIdleMs: never, maxAgeMs: never, graceMs: never },
    };
    assert.deepEqual(resolveUpkeep({}), defaults);
    const unsaid = { timeMs: undefined, permitWithoutCalls: undefined };
    assert.deepEqual(resolveUpkeep({ keepalive: unsaid, connectionAge: undefined }), defaults);
  });

  it("are taken one by one", () => {
    const keepalive = { timeMs: 1000, timeoutMs: 5, minPingIntervalMs: 0, permitWithoutCalls: true };
    const connectionAge = { maxConnectionIdleMs: 1, maxConnectionAgeMs: 2, maxConnectionAgeGraceMs: 0 };
    assert.deepEqual(resolveUpkeep({ keepalive, connectionAge }), {
      keepalive: { timeMs: 1000, timeoutMs: 5 },
      pings: { minIntervalMs: 0, permitWithoutCalls: true },
      age: { maxIdleMs: 1, maxAgeMs: 2, graceMs: 0 },
    });
  });

  const wrong: readonly [ServerOptions, string][] = [
    [{ keepalive: { timeMs: 999 } }, "keepalive.timeMs is 999: expected a number of 1000 or more, in milliseconds"],
    [{ keepalive: { timeoutMs: 0 } }, "keepalive.timeoutMs is 0: expected a number of 1 or more, in milliseconds"],
    [
      { keepalive: { minPingIntervalMs: Number.NaN } },
      "keepalive.minPingIntervalMs is NaN: expected a number of 0 or more, in milliseconds",
    ],
    [
      { keepalive: { permitWithoutCalls: "yes" } as unknown as ServerOptions["keepalive"] },
      "keepalive.permitWithoutCalls is yes: expected true or false",
    ],
    [
      { keepalive: { interval: 1 } as unknown as ServerOptions["keepalive"] },
      "keepalive.interval does not exist; there are: timeMs, timeoutMs, minPingIntervalMs, permitWithoutCalls",
    ],
    [{ keepalive: true as unknown as ServerOptions["keepalive"] }, "keepalive is true: expected an object"],
    [
      { connectionAge: { maxConnectionIdleMs: 0 } },
      "connectionAge.maxConnectionIdleMs is 0: expected a number of 1 or more, in milliseconds",
    ],
    [
      { connectionAge: { maxConnectionAgeMs: "1" } as unknown as ServerOptions["connectionAge"] },
      "connectionAge.maxConnectionAgeMs is 1: expected a number of 1 or more, in milliseconds",
    ],
    [
      { connectionAge: { maxConnectionAgeGraceMs: -1 } },
      "connectionAge.maxConnectionAgeGraceMs is -1: expected a number of 0 or more, in milliseconds",
    ],
    [
      { connectionAge: { maxAgeMs: 1 } as unknown as ServerOptions["connectionAge"] },
      "connectionAge.maxAgeMs does not exist; there are: maxConnectionIdleMs, maxConnectionAgeMs, maxConnectionAgeGraceMs",
    ],
  ];
  for (const [options, message] of wrong) {
    it(message, () => assert.throws(() => createServer(options), { name: "TypeError", message }));
  }
});
