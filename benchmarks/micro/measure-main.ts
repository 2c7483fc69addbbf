/**
 * The process that measures: `node --expose-gc measure.mjs SETTINGS`, bundled by bundle.ts. It writes a Launch as JSON. Rounds go
 * through all that is measured, one after the other, with a calibration between two: what disturbs the machine disturbs all.
 */

import { median } from "../macro/statistics.js";
import { bytesPerOperation } from "./allocation.js";
import { calibrationUnits } from "./calibration.js";
import { allCases } from "./cases/all.js";
import type { Launch, LaunchSettings, Measured } from "./launch.js";

/** What operations give goes here, so that none is found to be of no use. */
export const kept: unknown[] = [undefined];

interface Subject {
  readonly id: string;
  readonly operation: string;
  readonly peer: string | undefined;
  readonly operations: number;
  readonly run: () => unknown;
  /** Runs of one round. */
  times: number;
  readonly ratios: number[];
  readonly nanoseconds: number[];
}

function measure({ only, rounds, roundMs, warmUpMs }: LaunchSettings): Launch {
  const all = allCases().flatMap((each): Subject[] => {
    const { id, operation, operations, run, peer } = each;
    const start = { id, operation, operations, times: 1 };
    const own = { ...start, peer: undefined, run, ratios: [], nanoseconds: [] };
    if (peer === undefined) return [own];
    return [own, { ...start, peer: peer.name, run: peer.run, ratios: [], nanoseconds: [] }];
  });
  const calibration: Subject = { ...(all[0] as Subject), operations: 1, run: () => calibrationUnits(1) };
  const calibrations: number[] = [];
  for (const subject of [calibration, ...all]) warmUp(subject, warmUpMs, roundMs);
  calibration.times = Math.max(1, Math.round(calibration.times / 2));
  const chosen = all.filter(({ id }) => only.length === 0 || only.some((part) => id.includes(part)));
  for (let round = 0; round < rounds; round++) {
    let before = timeOf(calibration);
    for (const subject of chosen) {
      const ns = timeOf(subject);
      const after = timeOf(calibration);
      subject.nanoseconds.push(ns);
      subject.ratios.push((2 * ns) / (before + after));
      calibrations.push(after);
      before = after;
    }
  }
  const measured = chosen.map(
    (subject): Measured => ({
      id: subject.id,
      operation: subject.operation,
      peer: subject.peer ?? null,
      ratio: median(subject.ratios),
      nanoseconds: median(subject.nanoseconds),
      bytes: bytesPerOperation(() => keep(subject.run()), subject.operations),
    }),
  );
  return { calibrationNs: median(calibrations), measured };
}

function keep(value: unknown): void {
  kept[0] = value;
}

/** Runs until code is compiled, and finds out how many runs make a round. */
function warmUp(subject: Subject, warmUpMs: number, roundMs: number): void {
  const started = performance.now();
  let runs = 0;
  let took = 0;
  for (; took < warmUpMs; took = performance.now() - started) {
    keep(subject.run());
    runs++;
  }
  // The latter half is what counts: the first was interpreted in part.
  const again = performance.now();
  const half = Math.max(1, runs >> 1);
  for (let i = 0; i < half; i++) keep(subject.run());
  const perRun = (performance.now() - again) / half;
  subject.times = Math.max(1, Math.round(roundMs / perRun));
}

/** Processor time of an operation in nanoseconds, garbage collection included. */
function timeOf({ times, operations, run }: Subject): number {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) keep(run());
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / (times * operations);
}

process.stdout.write(JSON.stringify(measure(JSON.parse(process.argv[2] ?? "{}") as LaunchSettings)));
