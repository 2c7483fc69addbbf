import assert from "node:assert/strict";
import type { Novelty } from "./coverage-probe.js";
import { reportFailure } from "./failure-report.js";
import { type Failure, FuzzLoop, type Guide } from "./fuzz-loop.js";
import type { Tape } from "./tape.js";
import type { FuzzTarget } from "./target.js";

function targetOf(run: (tape: Tape) => unknown, maxRetainedBytes = 1 << 20): FuzzTarget {
  return { watched: [], maxRetainedBytes, run };
}

/** A guide that knows which inputs reach something new, because the target says so. */
class ToldGuide implements Guide {
  readonly #known = new Set<number>();
  readonly #seen = new Set<number>();

  reach(place: number): void {
    this.#seen.add(place);
  }

  take(): Novelty[] {
    const fresh = [...this.#seen].filter((place) => !this.#known.has(place));
    this.#seen.clear();
    return fresh.map((place) => ({ url: "", start: place, end: place + 1 }));
  }

  accept(novelties: readonly Novelty[]): void {
    for (const { start } of novelties) this.#known.add(start);
  }
}

function runFor(loop: FuzzLoop, inputs: number): Failure | undefined {
  let failure: Failure | undefined;
  while (failure === undefined && loop.inputs < inputs) failure = loop.step(inputs - loop.inputs);
  return failure;
}

/** Fails behind four octets, each of which has to be right: one in four thousand million. */
function lock(guide: ToldGuide): FuzzTarget {
  return targetOf((tape) => {
    for (const [place, octet] of [0x13, 0x57, 0x9b, 0xdf].entries()) {
      tape.feedNumber(place);
      if (tape.byte() !== octet) return;
      guide.reach(place);
    }
    throw new Error("the lock is open");
  });
}

describe("FuzzLoop", () => {
  it("finds with a guide what it does not find without", () => {
    const guide = new ToldGuide();
    const options = { seed: 1, distinctLogBits: 16 };
    const found = runFor(new FuzzLoop(lock(guide), { ...options, guide }), 100_000);
    assert.equal(found?.error.message, "the lock is open");
    assert.equal(runFor(new FuzzLoop(lock(new ToldGuide()), options), 60_000), undefined);
  });

  it("gives the same failure for the same seed", () => {
    const find = () => {
      const guide = new ToldGuide();
      const loop = new FuzzLoop(lock(guide), { seed: 5, distinctLogBits: 16, guide });
      return [runFor(loop, 100_000)?.tape, loop.inputs];
    };
    assert.deepEqual(find(), find());
  });

  it("breaks off what does not end, and names the input", () => {
    const target = targetOf((tape) => {
      while (tape.byte() === 200);
      if (tape.byte() === 77) for (;;);
    });
    const loop = new FuzzLoop(target, { seed: 1, distinctLogBits: 16, batchTimeoutMs: 300 });
    const failure = runFor(loop, 100_000);
    assert.equal(failure?.error.message, "the input did not come to an end in 300 ms");
    assert.equal(failure.tape[1], 77);
  });

  it("tells a slow input by its CPU time", () => {
    const target = targetOf((tape) => {
      tape.feed(new Uint8Array(10), 0, 10);
      if (tape.byte() !== 9) return;
      const { user, system } = process.cpuUsage();
      for (let now = process.cpuUsage(); now.user + now.system - user - system < 70_000; ) now = process.cpuUsage();
    });
    const failure = runFor(new FuzzLoop(target, { seed: 1, distinctLogBits: 16 }), 20_000);
    assert.match(String(failure?.error.message), /^the input of 10 bytes takes \d+(\.\d+)? ms of CPU time, limit 50$/);
  });

  it("tells an input that leaves too much in use", () => {
    const guide = new ToldGuide();
    const target = targetOf((tape) => {
      const place = tape.byte() & 31;
      guide.reach(place);
      return place === 3 ? new Uint8Array(200_000).fill(1) : undefined;
    }, 100_000);
    const failure = runFor(new FuzzLoop(target, { seed: 1, distinctLogBits: 16, guide }), 20_000);
    assert.match(String(failure?.error.message), /^the input leaves 2\d{5} bytes in use, limit 100000$/);
  });

  it("counts what was fed, not what it was made of", () => {
    const target = targetOf((tape) => tape.feedNumber(tape.byte() & 3));
    const loop = new FuzzLoop(target, { seed: 1, distinctLogBits: 16 });
    runFor(loop, 3000);
    assert.deepEqual([loop.inputs, loop.distinct.count], [3000, 4]);
  });
});

describe("reportFailure", () => {
  it("shows the smallest input, its steps, and how to play it again", () => {
    const target = targetOf((tape) => {
      const octet = tape.byte();
      tape.words?.push(`octet ${octet}`);
      assert.ok(octet < 100, `octet ${octet} is too high`);
    });
    const failure = { tape: Uint8Array.of(250, 1, 2, 3), error: new Error("whatever") };
    const lines = reportFailure(target, failure, "npm run fuzz -- --target toy --input");
    assert.match(lines[0] as string, /octet \d+ is too high/);
    assert.ok(lines.includes("octet 125"));
    assert.equal(lines.at(-1), "repeat: npm run fuzz -- --target toy --input 7d");
  });

  it("says so when the input alone does not fail", () => {
    const failure = { tape: Uint8Array.of(1), error: new Error("once") };
    const lines = reportFailure(
      targetOf(() => undefined),
      failure,
      "",
    );
    assert.match(lines[0] as string, /fails only behind those that came before it/);
  });
});
