/** When the calls of an open loop are due. */
import { seededRandom } from "../support/seeded-random.js";

/**
 * Arrivals of very many callers that know nothing of each other (a Poisson process): milliseconds from the start, ascending, all
 * below `durationMs`. The same seed gives the same arrivals, so that every library meets the same bursts. Calls at even distances would never queue at half load, as no real server's calls do.
 */
export function poissonArrivals(perSecond: number, durationMs: number, seed: number): Float64Array {
  const random = seededRandom(seed);
  const meanGapMs = 1000 / perSecond;
  const due: number[] = [];
  for (let at = gap(random, meanGapMs); at < durationMs; at += gap(random, meanGapMs)) due.push(at);
  return Float64Array.from(due);
}

/** Exponentially distributed. `random` may be 0, and never 1. */
function gap(random: () => number, meanMs: number): number {
  return -Math.log(1 - random()) * meanMs;
}
