import { median } from "../macro/statistics.js";
import type { Measured } from "./worked-server.js";

/** Of one number of workers, the median of its rounds. */
export interface Scaling {
  readonly workers: number;
  readonly perSecond: number;
  /** Against one worker in the same round. */
  readonly ratio: number;
  /** The same by processor time: what it would be if each worker had a core, and the client one of its own. */
  readonly freeRatio: number;
  /** Processor time of one call. */
  readonly workersUs: number;
  readonly clientUs: number;
  /** Cores that were busy with them. */
  readonly workersCores: number;
  readonly clientCores: number;
  /** Calls a second that such calls leave room for: on a core for each worker, and on all cores for workers and client. */
  readonly allowed: number;
}

/** @param one The rounds of one worker, in the same order. */
export function summarizeScaling(
  workers: number,
  rounds: readonly Measured[],
  one: readonly Measured[],
  cores: number,
): Scaling {
  const of = (value: (round: Measured) => number): number => median(rounds.map(value));
  const ratio = median(rounds.map((round, i) => rateOf(round) / rateOf(one[i] as Measured)));
  const workersUs = of(costOf);
  const freeRatio = median(rounds.map((round, i) => (workers * costOf(one[i] as Measured)) / costOf(round)));
  const clientUs = of(({ clientCpuUs, calls }) => clientCpuUs / calls);
  return {
    workers,
    perSecond: of(rateOf),
    ratio,
    freeRatio,
    workersUs,
    clientUs,
    workersCores: of(({ workersCpuUs, elapsedMs }) => workersCpuUs / 1000 / elapsedMs),
    clientCores: of(({ clientCpuUs, elapsedMs }) => clientCpuUs / 1000 / elapsedMs),
    allowed: 1e6 * Math.min(workers / workersUs, cores / (workersUs + clientUs)),
  };
}

export function rateOf({ calls, elapsedMs }: Measured): number {
  return (calls * 1000) / elapsedMs;
}

/** Processor time of the workers for one call. */
function costOf({ workersCpuUs, calls }: Measured): number {
  return workersCpuUs / calls;
}

/** What keeps it from being more. */
export function boundOf({ workers, workersCores, clientCores }: Scaling, cores: number): string {
  if (workersCores + clientCores > 0.93 * cores) return "all cores are busy";
  if (workersCores > 0.93 * workers) return workers === 1 ? "the worker's core is busy" : "the workers' cores are busy";
  if (clientCores > 0.93) return "the client's core is busy";
  // The load leaves nobody idle, so something else runs on this machine.
  return "the cores were not free";
}
