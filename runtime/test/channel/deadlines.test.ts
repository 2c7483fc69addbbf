/** Deadlines to the millisecond on both sides: the product's own client and server, in virtual time. */
import assert from "node:assert/strict";
import type { HandlerContext } from "../../src/rpc/handler-context.js";
import { statusCodeName } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { VirtualPair } from "./virtual-pair.js";

const dayMs = 24 * 3_600_000;

/** A handler that does not answer in time, and what it knows. */
class Silent {
  context: HandlerContext | undefined;
  /** What remained when it was called. */
  timeoutMs: number | undefined;
  /** When its signal aborted, on the platform's clock. */
  abortedAt: number | undefined;
  pair: VirtualPair | undefined;

  readonly unary = (_: unknown, context: HandlerContext): Promise<object> => {
    this.context = context;
    this.timeoutMs = context.timeoutMs();
    return new Promise((resolve) => {
      context.signal.addEventListener("abort", () => {
        this.abortedAt = this.pair?.platform.now();
        resolve({});
      });
    });
  };
}

/** `waiting`, or the code. */
function watch(call: Promise<unknown>): () => string {
  let outcome = "waiting";
  call.catch((error: unknown) => {
    outcome = error instanceof StatusError ? statusCodeName(error.code) : String(error);
  });
  return () => outcome;
}

describe("deadlines of both sides", () => {
  checkRejections();

  for (const [what, timeoutMs] of [
    ["half a second", 500],
    ["30 days", 30 * dayMs],
  ] as const) {
    it(`hold to the millisecond: ${what}`, async () => {
      const silent = new Silent();
      const pair = await VirtualPair.open(silent);
      silent.pair = pair;
      const { platform } = pair;
      const startedAt = platform.now();
      const outcome = watch(pair.echo.unary({}, { timeoutMs, retry: false }));
      await platform.advanceAsync(timeoutMs - 1);
      assert.equal(outcome(), "waiting");
      assert.equal(silent.timeoutMs, timeoutMs);
      assert.equal(silent.abortedAt, undefined);
      await platform.advanceAsync(1);
      assert.equal(outcome(), "DEADLINE_EXCEEDED");
      assert.equal(silent.abortedAt, startedAt + timeoutMs);
      pair.assertIdle();
      await pair.close();
    });
  }

  it("are kept by a server that hears no more of its client", async () => {
    const silent = new Silent();
    const pair = await VirtualPair.open(silent);
    silent.pair = pair;
    const { platform } = pair;
    const startedAt = platform.now();
    const outcome = watch(pair.echo.unary({}, { timeoutMs: 5000 }));
    await platform.settle();
    pair.link.freeze();
    await platform.advanceAsync(5000);
    assert.deepEqual([outcome(), silent.abortedAt], ["DEADLINE_EXCEEDED", startedAt + 5000]);
    const reason: unknown = silent.context?.signal.reason;
    assert.ok(reason instanceof StatusError && statusCodeName(reason.code) === "DEADLINE_EXCEEDED", String(reason));
    pair.link.thaw();
    await platform.settle();
    pair.assertIdle();
    await pair.close();
  });

  it("are sent with what remains: the wait for a stream is not the server's to give", async () => {
    const silent = new Silent();
    const pair = await VirtualPair.open(silent, { server: { limits: { maxConcurrentStreams: 1 } } });
    silent.pair = pair;
    const first = watch(pair.echo.unary({}, { timeoutMs: 300, retry: false }));
    const second = watch(pair.echo.unary({}, { timeoutMs: 1000, retry: false }));
    await pair.platform.settle();
    assert.equal(silent.timeoutMs, 300);
    await pair.platform.advanceAsync(300);
    assert.deepEqual([first(), second()], ["DEADLINE_EXCEEDED", "waiting"]);
    assert.equal(silent.timeoutMs, 700);
    await pair.platform.advanceAsync(700);
    assert.equal(second(), "DEADLINE_EXCEEDED");
    await pair.close();
  });

  it("that are 0 or past send nothing, though there is a connection", async () => {
    const silent = new Silent();
    const pair = await VirtualPair.open(silent);
    const past = new Date(pair.platform.wallClock() - 1);
    const options = [{ timeoutMs: 0 }, { timeoutMs: -5 }, { deadline: past }, { deadline: past, timeoutMs: 1000 }];
    const calls = options.map((each) => watch(pair.echo.unary({}, each)));
    await pair.platform.settle();
    for (const outcome of calls) assert.equal(outcome(), "DEADLINE_EXCEEDED");
    assert.deepEqual([silent.context, pair.headers, pair.endings], [undefined, 0, []]);
    await pair.close();
  });

  it("are the sooner of timeout and date, and a wall clock that is set later moves none", async () => {
    const silent = new Silent();
    const pair = await VirtualPair.open(silent);
    silent.pair = pair;
    const deadline = new Date(pair.platform.wallClock() + 400);
    const outcome = watch(pair.echo.unary({}, { deadline, timeoutMs: 900 }));
    await pair.platform.settle();
    assert.equal(silent.timeoutMs, 400);
    pair.platform.wallClock = () => 0;
    await pair.platform.advanceAsync(399);
    assert.equal(outcome(), "waiting");
    await pair.platform.advanceAsync(1);
    assert.equal(outcome(), "DEADLINE_EXCEEDED");
    await pair.close();
  });
});
