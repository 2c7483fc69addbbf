/** Load that waits for its answers: as many calls as are in flight, each followed by the next. */
import { performance } from "node:perf_hooks";
import { LatencyHistogram } from "./latency-histogram.js";

export interface Measurement {
  /** Calls or messages that were answered, rightly. */
  readonly operations: number;
  readonly elapsedMs: number;
  /** Undefined where single operations are not waited for. */
  readonly p50Us: number | undefined;
  readonly p99Us: number | undefined;
  readonly p999Us: number | undefined;
}

/** Starts one operation; `done` once, with an error when it failed or was answered wrongly. */
export type StartOperation = (done: (error?: unknown) => void) => void;

/** The same; `slot` says which of those in flight it is: the next one of a slot starts when the one before it is done. */
export type StartInSlot = (done: (error?: unknown) => void, slot: number) => void;

/** Keeps `inFlight` operations running for `durationMs`. Rejects with the first error. */
export function runClosedLoop(inFlight: number, durationMs: number, start: StartInSlot): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const latencies = new LatencyHistogram();
    const startedAt = performance.now();
    const endAt = startedAt + durationMs;
    let operations = 0;
    let running = inFlight;

    const runSlot = (slot: number): void => {
      let sentAt = performance.now();
      const onDone = (error?: unknown): void => {
        if (error !== undefined) {
          reject(error);
          return;
        }
        const now = performance.now();
        latencies.record(now - sentAt);
        operations++;
        if (now < endAt) {
          sentAt = now;
          start(onDone, slot);
        } else if (--running === 0) {
          resolve(measurementOf(operations, now - startedAt, latencies));
        }
      };
      start(onDone, slot);
    };
    for (let slot = 0; slot < inFlight; slot++) runSlot(slot);
  });
}

/** Runs one batch behind another for `durationMs`; a batch resolves to the number of its operations. */
export async function runBatches(durationMs: number, batch: () => Promise<number>): Promise<Measurement> {
  const startedAt = performance.now();
  let operations = 0;
  do operations += await batch();
  while (performance.now() < startedAt + durationMs);
  return { operations, elapsedMs: performance.now() - startedAt, ...quantilesOf(undefined) };
}

export function measurementOf(operations: number, elapsedMs: number, latencies: LatencyHistogram): Measurement {
  return { operations, elapsedMs, ...quantilesOf(latencies) };
}

/** Undefined latencies where nothing is waited for. */
export function quantilesOf(latencies: LatencyHistogram | undefined): Pick<Measurement, "p50Us" | "p99Us" | "p999Us"> {
  const quantileUs = (share: number): number | undefined => latencies?.quantileUs(share);
  return { p50Us: quantileUs(0.5), p99Us: quantileUs(0.99), p999Us: quantileUs(0.999) };
}
