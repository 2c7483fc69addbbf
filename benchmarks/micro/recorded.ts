/** The last recorded figures, in the repository: ratios to the calibration, which may be held against those of another day. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeRecord } from "../macro/run-record.js";
import type { Summary } from "./figures.js";

export interface RecordedFigure {
  readonly ratio: number;
  readonly nanoseconds: number;
  readonly bytes: number;
}

export interface Recorded {
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  readonly command: string;
  readonly calibrationNs: number;
  readonly figures: Readonly<Record<string, RecordedFigure>>;
}

export function recordedFile(root: string): string {
  return join(root, "benchmarks", "micro", "recorded.json");
}

/** Undefined where nothing was ever recorded. */
export function readRecorded(file: string): Recorded | undefined {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Recorded) : undefined;
}

export function writeRecorded(
  file: string,
  made: Pick<Recorded, "date" | "node" | "cpu" | "command">,
  { calibrationNs, figures }: Summary,
): void {
  const rounded = [...figures].map(([key, { ratio, nanoseconds, bytes }]) => [
    key,
    { ratio: Number(ratio.toPrecision(4)), nanoseconds: Number(nanoseconds.toPrecision(4)), bytes: Math.round(bytes) },
  ]);
  const { date, node, cpu, command } = made;
  const record: Recorded = {
    ...{ date, node, cpu, command },
    calibrationNs: Number(calibrationNs.toPrecision(4)),
    figures: Object.fromEntries(rounded),
  };
  writeRecord(file, record);
}
