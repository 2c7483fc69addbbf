/** The processes of a run, and whose turn it is. */
import { environmentWithCertificates } from "./certificates-of-run.js";
import { openLoopMs, openLoopOf, Peaks } from "./offered-load.js";
import type { BenchOptions } from "./options.js";
import { type NodeSetting, Pair } from "./pair.js";
import type { PairingId } from "./pairings.js";
import type { CorePair } from "./pinned-process.js";
import type { Row, Workload } from "./rows.js";
import type { MemoryRound, Round } from "./summary.js";

/** What was measured of one row. */
export interface MeasuredRow {
  readonly row: Row;
  readonly rounds: readonly Round[];
  readonly memory: readonly MemoryRound[];
}

/** `onRow` once for each row, as soon as it is measured. */
export async function measureAll(
  options: BenchOptions,
  cores: CorePair | undefined,
  onRow: (measured: MeasuredRow) => void,
): Promise<void> {
  const plain = options.rows.filter(({ tls }) => tls !== true);
  const secure = options.rows.filter(({ tls }) => tls === true);
  if (plain.length > 0) await measureRows(plain, {}, options, cores, onRow);
  if (secure.length > 0) await measureRows(secure, { env: environmentWithCertificates() }, options, cores, onRow);
}

/** In processes of their own, which all live until the last row, and are gone afterwards. */
async function measureRows(
  chosen: readonly Row[],
  node: NodeSetting,
  options: BenchOptions,
  cores: CorePair | undefined,
  onRow: (measured: MeasuredRow) => void,
): Promise<void> {
  const pairs = new Map<PairingId, Pair>();
  try {
    for (const row of chosen) {
      for (const pairing of pairingsNeeded(row)) {
        if (pairs.has(pairing)) continue;
        const pair = await Pair.start(pairing, cores, options.profileFolder, [], node);
        pairs.set(pairing, pair);
        await pair.measure(warmUpOf(row.workload), options.firstWarmUpMs);
      }
    }
    const peaks = new Peaks();
    for (const row of chosen) {
      const taking = row.pairings.flatMap((pairing) => pairs.get(pairing) ?? []);
      const workload = await resolve(row, pairs, peaks, options);
      onRow(await measureRow(row, workload, taking, options));
    }
  } finally {
    await Promise.all([...pairs.values()].map((pair) => pair.stop()));
  }
}

/** So many calls that code is compiled, even where a row waits for one at a time. */
function warmUpOf(workload: Workload): Workload {
  const isSmall = workload.kind === "unary" && workload.payloadBytes <= 1024 && workload.connections === undefined;
  return isSmall ? { ...workload, inFlight: 100 } : workload;
}

/** Those that take part, and the one whose peak says what the others are offered. */
function pairingsNeeded({ pairings, offered }: Row): readonly PairingId[] {
  return offered === undefined ? pairings : [...pairings, offered.of];
}

async function resolve(
  { workload, offered }: Row,
  pairs: ReadonlyMap<PairingId, Pair>,
  peaks: Peaks,
  { roundMs }: BenchOptions,
): Promise<Workload> {
  if (offered === undefined) return workload;
  const peak = await peaks.of(pairs.get(offered.of) as Pair, workload, roundMs);
  return openLoopOf(offered, peak);
}

/** One after another, again and again, another one first each time: what disturbs the machine for a while disturbs all. */
async function measureRow(
  row: Row,
  workload: Workload,
  pairs: readonly Pair[],
  options: BenchOptions,
): Promise<MeasuredRow> {
  const rounds: Round[] = [];
  const { kind } = workload;
  const roundMs = kind === "openLoop" ? openLoopMs(workload.perSecond, options.roundMs) : options.roundMs;
  for (const pair of pairs) await pair.measure(workload, options.warmUpMs);
  for (let round = 0; round < options.rounds; round++) {
    const first = round % pairs.length;
    for (const pair of [...pairs.slice(first), ...pairs.slice(0, first)]) {
      const measurement = await pair.measure(workload, roundMs);
      const perSecond = (measurement.operations * 1000) / measurement.elapsedMs;
      rounds.push({ row: row.id, pairing: pair.pairing, round, perSecond, ...measurement });
    }
  }
  const memory: MemoryRound[] = [];
  for (const pair of pairs) {
    memory.push({ row: row.id, pairing: pair.pairing, ...(await pair.measureMemory(workload, options.memoryMs)) });
  }
  return { row, rounds, memory };
}
