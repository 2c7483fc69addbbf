/** Large unary calls one after the other, and how long each took (rpc_soak, channel_soak). */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { TestServiceClient } from "../gen/grpc/testing/test_godwit.js";
import type { CaseContext, SoakOptions } from "./case.js";
import { assertZeros, zeros } from "./payload.js";

/** What one iteration calls, and what is to be done behind it. */
export interface SoakStub {
  readonly service: TestServiceClient;
  close(): Promise<void>;
}

interface Tally {
  done: number;
  failed: number;
  readonly latencies: number[];
}

export async function soak({ soak: options, say }: CaseContext, open: () => SoakStub): Promise<void> {
  const { iterations, numThreads, overallTimeoutSeconds, maxFailures } = options;
  assert.equal(iterations % numThreads, 0, "soak_iterations has to be a multiple of soak_num_threads");
  const tally: Tally = { done: 0, failed: 0, latencies: [] };
  const end = performance.now() + overallTimeoutSeconds * 1000;
  const worker = async (): Promise<void> => {
    for (let i = 0; i < iterations / numThreads && performance.now() < end; i++) {
      const next = performance.now() + options.minTimeMsBetweenRpcs;
      await iterate(options, open, tally, say);
      const rest = next - performance.now();
      if (rest > 0) await delay(rest);
    }
  };
  await Promise.all(Array.from({ length: numThreads }, worker));
  const sorted = tally.latencies.sort((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN).toFixed(1);
  say(
    `soak: ${tally.done} of ${iterations}, ${tally.failed} failed; ms: median ${at(0.5)}, p90 ${at(0.9)}, max ${at(1)}`,
  );
  assert.equal(tally.done, iterations, `iterations in ${overallTimeoutSeconds} s`);
  assert.ok(tally.failed <= maxFailures, `${tally.failed} iterations failed, ${maxFailures} may`);
}

async function iterate(options: SoakOptions, open: () => SoakStub, tally: Tally, say: (line: string) => void) {
  const { requestSize, responseSize, perIterationMaxAcceptableLatencyMs: limit } = options;
  const { service, close } = open();
  const start = performance.now();
  try {
    const { payload } = await service.unaryCall({ responseSize, payload: zeros(requestSize) }, { timeoutMs: 30_000 });
    assertZeros(payload, responseSize);
    const took = performance.now() - start;
    tally.latencies.push(took);
    if (took > limit) throw new Error(`took ${took.toFixed(0)} ms, ${limit} are acceptable`);
  } catch (error) {
    tally.failed++;
    say(`soak iteration ${tally.done}: ${String(error)}`);
  } finally {
    tally.done++;
    await close();
  }
}
