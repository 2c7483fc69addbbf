/** The figures of rounds, and what they come to. */
import { median } from "../../macro/statistics.js";
import type { Row, SubjectName } from "./plan.js";

/** Of one connection or stream, in bytes. */
export interface MemoryFigures {
  readonly clientRssBytes: number;
  readonly clientHeapBytes: number;
  readonly serverRssBytes: number;
  readonly serverHeapBytes: number;
}

/** Connections a second, and the processor time of one, in microseconds. */
export interface SetUpFigures {
  readonly perSecond: number;
  readonly clientCpuUs: number;
  readonly serverCpuUs: number;
}

export type RoundFigures = MemoryFigures | SetUpFigures;

/** The same by name, for what is done with each alike. */
export type Figures = Readonly<Record<string, number>>;

export interface Round {
  readonly row: string;
  readonly subject: SubjectName;
  readonly round: number;
  readonly figures: RoundFigures;
}

export interface Summary {
  readonly row: string;
  readonly subject: SubjectName;
  /** Medians of the rounds. */
  readonly figures: Figures;
  /** Medians of the rounds' own ratios: godwit's figure divided by this subject's. None where godwit was not measured. */
  readonly ratios: Figures;
}

/** One summary a subject of the row that was measured. */
export function summarizeRow(row: Row, rounds: readonly Round[]): Summary[] {
  return row.subjects.flatMap((subject) => {
    const own = rounds.filter((round) => round.row === row.id && round.subject === subject);
    if (own.length === 0) return [];
    const pairs = own.flatMap((round) => {
      const godwit = rounds.find(
        (other) => other.row === row.id && other.subject === "godwit" && other.round === round.round,
      );
      return godwit === undefined ? [] : [ratioOf(named(godwit), named(round))];
    });
    return [{ row: row.id, subject, figures: medians(own.map(named)), ratios: medians(pairs) }];
  });
}

function named({ figures }: Round): Figures {
  return { ...figures };
}

function ratioOf(ours: Figures, theirs: Figures): Figures {
  return Object.fromEntries(Object.entries(ours).map(([name, value]) => [name, value / (theirs[name] ?? Number.NaN)]));
}

function medians(all: readonly Figures[]): Figures {
  const names = Object.keys(all[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(all.map((figures) => figures[name] ?? Number.NaN))]));
}
