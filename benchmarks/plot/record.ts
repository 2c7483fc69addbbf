/** What a run of the benchmark wrote with `--json`, as far as charts are drawn of it. */
import { median, type Summary, summarize } from "../macro/statistics.js";
import type { MemoryRound } from "./memory-chart.js";
import { orderOf } from "./theme.js";

export interface RecordedRound {
  readonly row: string;
  readonly pairing: string;
  readonly perSecond: number;
  readonly elapsedMs: number;
  readonly operations: number;
  readonly p50Us?: number;
  readonly p99Us?: number;
  readonly p999Us?: number;
  /** Of rows at a fixed offered load. */
  readonly openLoop?: { readonly due: number; readonly unsent: number };
}

interface RecordedEnvironment {
  readonly date: string;
  readonly node: string;
  readonly cpu: string;
  /** Absent where processes were not pinned. */
  readonly pinned?: object;
}

/** Throws with one sentence where the text is no such record. */
export function parseRecord(json: string): BenchRecord {
  const value = JSON.parse(json) as {
    environment?: RecordedEnvironment;
    rounds?: readonly (RecordedRound | MemoryRound)[];
  };
  if (value.environment === undefined || !Array.isArray(value.rounds)) {
    throw new Error("environment or rounds are missing: expected what npm run bench -- --json FILE writes");
  }
  return new BenchRecord(value.environment, value.rounds);
}

export class BenchRecord {
  readonly #environment: RecordedEnvironment;
  readonly #rounds: readonly RecordedRound[];

  /** Of a run of the memory benchmark. */
  readonly memory: readonly MemoryRound[];

  constructor(environment: RecordedEnvironment, rounds: readonly (RecordedRound | MemoryRound)[]) {
    this.#environment = environment;
    this.#rounds = rounds.flatMap((round) => ("pairing" in round ? round : []));
    this.memory = rounds.flatMap((round) => ("figures" in round ? round : []));
  }

  get rows(): readonly string[] {
    return [...new Set(this.#rounds.map(({ row }) => row))];
  }

  /** Those that took part in the row, as charts order them. */
  pairingsOf(row: string): readonly string[] {
    const found = new Set(this.#rounds.filter((round) => round.row === row).map(({ pairing }) => pairing));
    return [...found].sort((a, b) => orderOf(a) - orderOf(b) || a.localeCompare(b));
  }

  roundsOf(row: string, pairing: string): readonly RecordedRound[] {
    return this.#rounds.filter((round) => round.row === row && round.pairing === pairing);
  }

  rateOf(row: string, pairing: string): Summary {
    return summarize(this.roundsOf(row, pairing).map(({ perSecond }) => perSecond));
  }

  /** Median over the rounds; undefined where none has it. */
  medianOf(row: string, pairing: string, figure: (round: RecordedRound) => number | undefined): number | undefined {
    const values = this.roundsOf(row, pairing).flatMap((round) => figure(round) ?? []);
    return values.length === 0 ? undefined : median(values);
  }

  /** For below the title. */
  describe(): string {
    const { date, node, cpu, pinned } = this.#environment;
    const cores = pinned === undefined ? "processes not pinned" : "one core a side";
    return `${date.slice(0, 10)}, Node ${node}, ${cpu}, ${cores}`;
  }
}
