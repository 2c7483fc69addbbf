/** What came of the rounds of a row. */
import type { PairingId } from "./pairings.js";
import type { Row } from "./rows.js";
import { median, type Summary, summarize } from "./statistics.js";

/** One measurement of one row. */
export interface Round {
  readonly row: string;
  readonly pairing: PairingId;
  readonly round: number;
  readonly operations: number;
  readonly elapsedMs: number;
  /** In the row's unit. */
  readonly perSecond: number;
  readonly p50Us: number | undefined;
  readonly p99Us: number | undefined;
  readonly p999Us: number | undefined;
  /** Processor time of each process in this round. */
  readonly clientCpuUs: number;
  readonly serverCpuUs: number;
}

export interface PairingSummary {
  readonly pairing: PairingId;
  readonly rate: Summary;
  /** The reference's rate by this one's, round by round. */
  readonly ratio: Summary;
  /** Undefined where nothing is waited for. */
  readonly latency: { readonly p50Us: number; readonly p99Us: number; readonly p999Us: number } | undefined;
  /** Processor time of one operation. */
  readonly clientCpuUs: number;
  readonly serverCpuUs: number;
}

export interface RowSummary {
  readonly row: Row;
  /** The first is the reference. */
  readonly pairings: readonly PairingSummary[];
}

export function summarizeRow(row: Row, rounds: readonly Round[]): RowSummary {
  const ofRow = rounds.filter((round) => round.row === row.id);
  const of = (pairing: PairingId): readonly Round[] => ofRow.filter((round) => round.pairing === pairing);
  const [reference] = row.pairings;
  const first = reference === undefined ? [] : of(reference);
  return { row, pairings: row.pairings.map((pairing) => summarizePairing(pairing, of(pairing), first)) };
}

function summarizePairing(pairing: PairingId, rounds: readonly Round[], reference: readonly Round[]): PairingSummary {
  const ratios = rounds.map(({ perSecond }, index) => (reference[index]?.perSecond ?? Number.NaN) / perSecond);
  return {
    pairing,
    rate: summarize(rounds.map(({ perSecond }) => perSecond)),
    ratio: summarize(ratios),
    latency: latencyOf(rounds),
    clientCpuUs: median(rounds.map(({ clientCpuUs, operations }) => clientCpuUs / operations)),
    serverCpuUs: median(rounds.map(({ serverCpuUs, operations }) => serverCpuUs / operations)),
  };
}

function latencyOf(rounds: readonly Round[]): PairingSummary["latency"] {
  const p50 = rounds.flatMap(({ p50Us }) => p50Us ?? []);
  const p99 = rounds.flatMap(({ p99Us }) => p99Us ?? []);
  const p999 = rounds.flatMap(({ p999Us }) => p999Us ?? []);
  return p50.length === 0 ? undefined : { p50Us: median(p50), p99Us: median(p99), p999Us: median(p999) };
}
