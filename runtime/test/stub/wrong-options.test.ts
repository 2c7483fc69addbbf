import assert from "node:assert/strict";
import { CallInfo } from "../../src/rpc/call-info.js";
import type { CallOptions } from "../../src/rpc/call-options.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { VirtualPair } from "../channel/virtual-pair.js";

/** What callers without TypeScript may give, and what they are told. */
const wrong: readonly [name: string, options: unknown, sentence: string][] = [
  ["timeoutMs", { timeoutMs: "500" }, "timeoutMs is a string: expected a number of milliseconds"],
  ["timeoutMs", { timeoutMs: Number.NaN }, "timeoutMs is NaN: expected a number of milliseconds"],
  ["timeoutMs", { timeoutMs: null }, "timeoutMs is null: expected a number of milliseconds"],
  ["deadline", { deadline: 1000 }, "deadline is a number: expected a valid Date"],
  ["deadline", { deadline: new Date(Number.NaN) }, "deadline is an invalid Date: expected a valid Date"],
  ["signal", { signal: {} }, "signal is an object: expected an AbortSignal"],
  ["signal", { signal: null }, "signal is null: expected an AbortSignal"],
  ["info", { info: true }, "info is a boolean: expected a CallInfo that can be filled in"],
  ["info", { info: Object.freeze(new CallInfo()) }, "info is frozen: expected a CallInfo that can be filled in"],
  ["authority", { authority: "a b" }, 'authority is "a b", expected "host" or "host:port" (RFC 3986 §3.2)'],
  ["authority", { authority: 5 }, "authority is a number: expected a string"],
  ["context", { context: {} }, "context is an object: expected that of a handler"],
  [
    "credentials",
    { credentials: "token" },
    'credentials have no function "metadata": expected CallCredentials, such as bearerToken(token)',
  ],
  [
    "retry",
    { retry: { attempts: 3 } },
    "retry.attempts does not exist; there are: maxAttempts, initialBackoffMs, maxBackoffMs, backoffMultiplier, retryableStatusCodes",
  ],
  ["compression", { compression: "brotli" }, 'compression "brotli" is not known, expected identity, gzip or deflate'],
];

describe("an option of a call that is wrong", () => {
  for (const [name, options, sentence] of wrong) {
    it(`${name}: ${sentence}`, async () => {
      let runs = 0;
      const pair = await VirtualPair.open({ unary: () => ({ id: String(++runs) }) });
      const calls = [
        () => pair.echo.unary({}, options as CallOptions),
        () => pair.echo.clientStream([], options as CallOptions),
        async () => {
          for await (const _ of pair.echo.serverStream({ count: 1 }, options as CallOptions)) assert.fail("it ran");
        },
        async () => {
          for await (const _ of pair.echo.bidi([], options as CallOptions)) assert.fail("it ran");
        },
      ];
      for (const call of calls) {
        const failure = assert.rejects(
          async () => call(),
          (error) => {
            assert.ok(error instanceof StatusError, String(error));
            const { code, statusMessage, delivery, cause, method } = error;
            assert.deepEqual([code, delivery], [StatusCode.INTERNAL, "not-sent"]);
            assert.equal(statusMessage, `cannot call ${method}: ${sentence}`);
            assert.ok(cause instanceof TypeError, "a mistake of the program, and where it was found");
            return true;
          },
        );
        await pair.platform.advanceAsync(1);
        await failure;
      }
      assert.equal(runs, 0);
      await pair.close();
    });
  }
});
