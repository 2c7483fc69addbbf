import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { CallRecord, CrashRecord, RunRecord } from "../crash/record.js";
import { summarize } from "../crash/summary.js";
import { findFailures } from "../crash/verdict.js";
import { seededRandom } from "../support/seeded-random.js";

const script = fileURLToPath(new URL("../crash/run.js", import.meta.url));

/** With what the run ended, and all that it printed. */
async function crash(...args: string[]): Promise<{ exitCode: number; output: string }> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const printed = Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = await once(child, "exit");
  return { exitCode, output: (await printed).join("") };
}

function callOf(id: string, changes: Partial<CallRecord> = {}): CallRecord {
  return { id, kind: "unary", isIdempotent: false, code: "OK", tookMs: 20, answers: 1, ...changes };
}

function failedCall(id: string, changes: Partial<CallRecord> = {}): CallRecord {
  const failed = { code: "UNAVAILABLE", message: "gone", delivery: "unknown", answers: 0 };
  return callOf(id, { ...failed, ...changes });
}

function startOf(id: string, instance = "0.0"): RunRecord {
  return { id, event: "started", instance, attempt: 1 };
}

const complete = (id: string, instance = "0.0"): RunRecord[] => [
  startOf(id, instance),
  { id, event: "done", instance, attempt: 1 },
];

/** One call of each sort that a kill may leave, and what is added. */
function recordOf(calls: readonly CallRecord[] = [], runs: readonly RunRecord[] = []): CrashRecord {
  const fine = [
    callOf("once"),
    callOf("again", { isIdempotent: true }),
    failedCall("lost"),
    failedCall("ran, and lost"),
    failedCall("broken", { kind: "server stream", isIdempotent: true, answers: 1, delivery: "processed" }),
    failedCall("never left", { delivery: "not-sent" }),
  ];
  const fineRuns = [
    ...complete("once"),
    startOf("again"),
    ...complete("again", "1.0"),
    startOf("ran, and lost"),
    startOf("broken"),
  ];
  return { kills: 1, timeoutMs: 5000, calls: [...fine, ...calls], runs: [...fineRuns, ...runs] };
}

describe("a crash's verdict", () => {
  it("finds nothing where every call is told the truth", () => {
    assert.deepEqual(findFailures(recordOf()), []);
  });

  it("finds a call that must not be repeated and ran twice, in one process or in two", () => {
    const calls = [callOf("a"), failedCall("b")];
    const runs = [startOf("a", "0.3"), ...complete("a", "1.2"), startOf("b"), startOf("b")];
    assert.deepEqual(findFailures(recordOf(calls, runs)), [
      "2 calls ran twice and must not, the first: a: unary; b: unary: gone",
    ]);
  });

  it("finds OK without a handler that came to its end", () => {
    const calls = [callOf("a"), callOf("b", { isIdempotent: true, kind: "client stream" })];
    assert.deepEqual(findFailures(recordOf(calls, [startOf("b")])), [
      "2 calls ended with OK and are in no server's journal, the first: a: unary; b: client stream",
    ]);
  });

  it("finds calls that never end, and those that end late", () => {
    const hung = callOf("hung", { code: undefined, tookMs: 20_000 });
    const calls = [hung, callOf("in time", { tookMs: 5050 }), callOf("late", { tookMs: 5051 })];
    assert.deepEqual(findFailures(recordOf(calls, [...complete("in time"), ...complete("late")])), [
      "1 calls never ended, the first: hung: unary",
      "1 calls ended later than 5050 ms after they began, the first: late: unary",
    ]);
  });

  it("finds a call that may be repeated and failed, before its first message", () => {
    const stream = { kind: "server stream", isIdempotent: true } as const;
    const calls = [
      failedCall("a", { isIdempotent: true }),
      failedCall("b", { ...stream, delivery: "processed" }),
      failedCall("c", { ...stream, answers: 1 }),
    ];
    assert.deepEqual(findFailures(recordOf(calls, [startOf("b")])), [
      "3 calls may be repeated and failed, the first: a: unary: gone; b: server stream: gone; c: server stream: gone",
    ]);
  });

  it("finds a delivery that is not true, or not told", () => {
    const calls = [
      failedCall("a", { delivery: "not-sent" }),
      failedCall("b", { delivery: "not-processed" }),
      failedCall("c", { delivery: "processed" }),
      failedCall("d", { delivery: undefined }),
    ];
    assert.deepEqual(findFailures(recordOf(calls, [startOf("a"), startOf("b")])), [
      "1 calls failed without a word of their delivery, the first: d: unary: gone",
      "2 calls were said not to have been processed, and ran, the first: a: unary: gone; b: unary: gone",
      "1 calls were said to have been processed, and never ran, the first: c: unary: gone",
    ]);
  });

  it("finds a run of a call that nobody made, and kills that met nothing", () => {
    assert.deepEqual(findFailures(recordOf([], [startOf("x")])), [
      "1 calls ran, and the client knows nothing of them, the first: x",
    ]);
    const quiet = { kills: 1, timeoutMs: 5000, calls: [callOf("a")], runs: complete("a") };
    assert.deepEqual(findFailures(quiet), ["the kills met no call: nothing was tested"]);
  });

  it("counts how calls ended", () => {
    assert.deepEqual(summarize(recordOf([callOf("late", { tookMs: 321.6 })])), {
      calls: 7,
      runs: 5,
      idempotent: { OK: 1, "UNAVAILABLE, processed": 1 },
      others: { OK: 2, "UNAVAILABLE, unknown": 2, "UNAVAILABLE, not-sent": 1 },
      idempotentRunAgain: 1,
      othersRunAgain: 0,
      idempotentBrokenInAnswer: 1,
      worstMs: 322,
      timeoutMs: 5000,
    });
  });

  it("draws the same numbers for the same seed", () => {
    const draw = (seed: number): number[] => Array.from({ length: 1000 }, seededRandom(seed));
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
    assert.ok(draw(7).every((number) => number >= 0 && number < 1));
  });
});

describe("servers that are killed under load", function () {
  // Three processes and a backoff of a second a kill, and many times that on a machine that has other work.
  this.timeout(120_000);

  it("leave every call with the truth", async () => {
    const { exitCode, output } = await crash("--kills", "1");
    assert.match(output, /\npassed\n$/);
    assert.equal(exitCode, 0);
  });

  it("show a client that tries every call again", async () => {
    const { exitCode, output } = await crash("--kills", "1", "--plant");
    assert.match(output, /FAILED: \d+ calls ran twice and must not, the first: /);
    assert.equal(exitCode, 1);
  });

  it("are not killed so many times", async () => {
    const { exitCode, output } = await crash("--kills", "none");
    assert.match(output, /^--kills is none, expected 1 or more\nnpm run crash -- /);
    assert.equal(exitCode, 2);
  });
});
