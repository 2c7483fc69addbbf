/** Work of a known size: what a handler computes in place of a shop's. */
import { performance } from "node:perf_hooks";

/** Steps that none can leave out, since each needs the one before. */
export function work(steps: number): number {
  let state = 1;
  for (let i = 0; i < steps; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return state;
}

const probeSteps = 2_000_000;
const probes = 20;

/** How many steps a microsecond of this machine does, by the quickest of some tries: the others were disturbed. */
export function stepsPerUs(): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < probes; i++) {
    const startedAt = performance.now();
    work(probeSteps);
    best = Math.min(best, performance.now() - startedAt);
  }
  return probeSteps / (best * 1000);
}
