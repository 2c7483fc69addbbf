/** What came of the rounds of a row. */
import { keptUp, type OpenLoopFigures } from "./open-loop.js";
import type { PairMemory } from "./pair.js";
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
  /** Where calls did not wait for answers. */
  readonly openLoop?: OpenLoopFigures;
}

/** What came of the untimed round of a pairing in a row. */
export interface MemoryRound extends PairMemory {
  readonly row: string;
  readonly pairing: PairingId;
}

export interface PairingSummary {
  readonly pairing: PairingId;
  readonly rate: Summary;
  /** The reference's rate by this one's, round by round; in an open loop, where rates are what is offered, this one's p99 by the reference's. */
  readonly ratio: Summary;
  /** Undefined where nothing is waited for. */
  readonly latency: { readonly p50Us: number; readonly p99Us: number; readonly p999Us: number } | undefined;
  /** Processor time of one operation. */
  readonly clientCpuUs: number;
  readonly serverCpuUs: number;
  readonly memory: PairMemory | undefined;
  /** Undefined where calls waited for answers. */
  readonly openLoop: OpenLoopSummary | undefined;
}

/** Medians over the rounds. */
export interface OpenLoopSummary {
  readonly offeredPerSecond: number;
  /** In more than half of the rounds. */
  readonly keptUp: boolean;
  readonly mostInFlight: number;
  readonly lateP50Us: number;
  readonly lateP99Us: number;
  readonly emptyTurnUs: number | undefined;
}

export interface RowSummary {
  readonly row: Row;
  /** The first is the reference. */
  readonly pairings: readonly PairingSummary[];
}

export function summarizeRow(row: Row, rounds: readonly Round[], memory: readonly MemoryRound[] = []): RowSummary {
  const ofRow = rounds.filter((round) => round.row === row.id);
  const of = (pairing: PairingId): readonly Round[] => ofRow.filter((round) => round.pairing === pairing);
  const [reference] = row.pairings;
  const first = reference === undefined ? [] : of(reference);
  const pairings = row.pairings.map((pairing) => ({
    ...summarizePairing(pairing, of(pairing), first),
    memory: memory.find((each) => each.row === row.id && each.pairing === pairing),
  }));
  return { row, pairings };
}

function summarizePairing(
  pairing: PairingId,
  rounds: readonly Round[],
  reference: readonly Round[],
): Omit<PairingSummary, "memory"> {
  const ratios = rounds.map((round, index) => compare(round, reference[index]));
  return {
    pairing,
    rate: summarize(rounds.map(({ perSecond }) => perSecond)),
    ratio: summarize(ratios),
    latency: latencyOf(rounds),
    clientCpuUs: median(rounds.map(({ clientCpuUs, operations }) => clientCpuUs / operations)),
    serverCpuUs: median(rounds.map(({ serverCpuUs, operations }) => serverCpuUs / operations)),
    openLoop: openLoopOf(rounds),
  };
}

function openLoopOf(rounds: readonly Round[]): OpenLoopSummary | undefined {
  const open = rounds.flatMap(({ openLoop, ...round }) => (openLoop === undefined ? [] : { ...round, openLoop }));
  if (open.length === 0) return undefined;
  const emptyTurns = open.flatMap(({ openLoop }) => openLoop.emptyTurnUs ?? []);
  return {
    offeredPerSecond: median(open.map(({ openLoop, elapsedMs }) => (openLoop.due * 1000) / elapsedMs)),
    keptUp: open.filter(keptUp).length * 2 > open.length,
    mostInFlight: median(open.map(({ openLoop }) => openLoop.mostInFlight)),
    lateP50Us: median(open.flatMap(({ openLoop }) => openLoop.lateP50Us ?? [])),
    lateP99Us: median(open.flatMap(({ openLoop }) => openLoop.lateP99Us ?? [])),
    emptyTurnUs: emptyTurns.length === 0 ? undefined : median(emptyTurns),
  };
}

/** How often better the reference was in the same round. */
function compare(round: Round, reference: Round | undefined): number {
  if (reference === undefined) return Number.NaN;
  if (round.openLoop === undefined) return reference.perSecond / round.perSecond;
  return (round.p99Us ?? Number.NaN) / (reference.p99Us ?? Number.NaN);
}

function latencyOf(rounds: readonly Round[]): PairingSummary["latency"] {
  const p50 = rounds.flatMap(({ p50Us }) => p50Us ?? []);
  const p99 = rounds.flatMap(({ p99Us }) => p99Us ?? []);
  const p999 = rounds.flatMap(({ p999Us }) => p999Us ?? []);
  return p50.length === 0 ? undefined : { p50Us: median(p50), p99Us: median(p99), p999Us: median(p999) };
}
