/** What the load of a row comes to once the run knows what a pairing can do. */
import type { Pair } from "./pair.js";
import type { PairingId } from "./pairings.js";
import { type OfferedLoad, type OpenLoopWorkload, smallBytes, type Workload } from "./rows.js";

/** Peaks of one run: each pairing's is found once, so that the loads of all rows are shares of one figure. */
export class Peaks {
  readonly #found = new Map<PairingId, number>();

  /** Operations a second of a closed loop. */
  async of(pair: Pair, workload: Workload, durationMs: number): Promise<number> {
    const known = this.#found.get(pair.pairing);
    if (known !== undefined) return known;
    await pair.measure(workload, durationMs);
    const { operations, elapsedMs } = await pair.measure(workload, durationMs);
    const peak = (operations * 1000) / elapsedMs;
    this.#found.set(pair.pairing, peak);
    return peak;
  }
}

/** Beyond it calls wait for a place. A pairing that needs more is overloaded: at its peak it would take seconds for them. */
const maxInFlight = 1000;

export function openLoopOf({ share }: OfferedLoad, peak: number): OpenLoopWorkload {
  return { kind: "openLoop", perSecond: Math.round(share * peak), payloadBytes: smallBytes, maxInFlight, seed: 1 };
}

/** So long that ten calls are above p99.9, but not for ever. */
export function openLoopMs(perSecond: number, roundMs: number): number {
  return Math.max(roundMs, Math.min(10_000_000 / perSecond, 4 * roundMs));
}
