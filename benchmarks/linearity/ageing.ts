/**
 * Does a call cost more on a connection that has made many? Two pairs of processes make as many calls: one on a connection that
 * stays, the other on one that is made anew for each round. All that differs in a round is how old the connection is.
 */
import type { Pair, PairMeasurement } from "../macro/pair.js";
import type { UnaryWorkload } from "../macro/rows.js";
import type { Compared } from "./compare.js";

export interface AgeingRound extends Compared {
  /** On the old connection, before this round. */
  readonly callsBefore: number;
}

export interface AgeingOptions {
  readonly workload: UnaryWorkload;
  readonly roundMs: number;
  /** The old connection makes so many before the last rounds. */
  readonly calls: number;
  readonly lastRounds: number;
}

/** So long that a new connection has made its first 10,000 calls. */
const settleMs = 150;

export async function measureAgeing(old: Pair, young: Pair, options: AgeingOptions): Promise<AgeingRound[]> {
  const { workload, roundMs, calls, lastRounds } = options;
  const fresh: UnaryWorkload = { ...workload, fresh: true };
  const rounds: AgeingRound[] = [];
  let callsBefore = (await old.measure(fresh, settleMs)).operations;
  const measureYoung = async (): Promise<PairMeasurement> => {
    await young.measure(fresh, settleMs);
    return young.measure(workload, roundMs);
  };
  for (let left = lastRounds; left > 0; ) {
    if (callsBefore >= calls) left--;
    // In changing order: whoever comes second finds the machine in another state.
    const youngFirst = rounds.length % 2 === 0;
    const first = youngFirst ? await measureYoung() : undefined;
    const measurement = await old.measure(workload, roundMs);
    rounds.push({ measurement, base: first ?? (await measureYoung()), callsBefore });
    callsBefore += measurement.operations;
  }
  return rounds;
}
