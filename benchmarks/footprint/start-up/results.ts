import { median } from "../../macro/statistics.js";
import type { Bundle } from "./bundle.js";
import type { Row } from "./plan.js";
import type { Told } from "./programs/tell.js";

/** One launch of one program. */
export interface Launch {
  readonly row: string;
  readonly subject: string;
  readonly round: number;
  readonly told: Told;
}

/** Medians of a subject in a row. */
export interface Summary {
  readonly row: string;
  readonly subject: string;
  readonly importedMs: number;
  readonly readyMs: number;
  /** Less that of a program that does nothing. */
  readonly cpuMs: number;
  /** godwit's time by the subject's, and the same of processor time: medians of the rounds' own ratios. */
  readonly readyRatio: number;
  readonly cpuRatio: number;
}

/** @param nodeCpuMs Of launches that did nothing. */
export function summarizeRow({ id, subjects }: Row, launches: readonly Launch[], nodeCpuMs: number): Summary[] {
  const of = (name: string): Launch[] => launches.filter(({ row, subject }) => row === id && subject === name);
  const reference = of(subjects[0]?.name ?? "");
  return subjects.map(({ name }) => {
    const all = of(name);
    const figure = (read: (told: Told) => number): number => median(all.map(({ told }) => read(told)));
    const ratio = (read: (told: Told) => number): number =>
      median(
        all.flatMap(({ round, told }) => {
          const ours = reference.find((launch) => launch.round === round);
          return ours === undefined ? [] : [read(ours.told) / read(told)];
        }),
      );
    const cpuOf = ({ cpuMs }: Told): number => cpuMs - nodeCpuMs;
    return {
      row: id,
      subject: name,
      importedMs: figure(({ importedMs }) => importedMs),
      readyMs: figure(({ readyMs }) => readyMs),
      cpuMs: figure(cpuOf),
      readyRatio: ratio(({ readyMs }) => readyMs),
      cpuRatio: ratio(cpuOf),
    };
  });
}

/** One figure, as charts are drawn of it. */
export interface FootprintFigure {
  readonly measure: string;
  readonly subject: string;
  readonly value: number;
  readonly unit: "ms" | "bytes";
}

export function footprintOf(summaries: readonly Summary[], bundles: readonly Bundle[]): FootprintFigure[] {
  return [
    ...summaries.flatMap(({ row, subject, readyMs, cpuMs }): FootprintFigure[] => [
      { measure: `start of ${row}`, subject, value: readyMs, unit: "ms" },
      { measure: `processor time of ${row}'s start`, subject, value: cpuMs, unit: "ms" },
    ]),
    ...bundles.map(({ program, gzipBytes }): FootprintFigure => {
      return { measure: "bundle, gzipped", subject: program, value: gzipBytes, unit: "bytes" };
    }),
  ];
}
