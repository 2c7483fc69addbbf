/**
 * `node compare.js FILE [RECORDED]`: the ratios of a run beside those of the recorded one (docs/evidence/bench.json), as far as both
 * have them. It fails on nothing but files that are none.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { change } from "../micro/figures.js";
import type { Environment } from "./environment.js";
import { median } from "./statistics.js";
import type { Round } from "./summary.js";
import { renderTable } from "./table.js";

/** What `--json` leaves, as far as it is compared. */
export interface RunFile {
  readonly environment: Pick<Environment, "date" | "node" | "cpu">;
  readonly rounds: readonly (Pick<Round, "row" | "pairing" | "round" | "perSecond"> &
    Partial<Pick<Round, "p99Us" | "openLoop">>)[];
}

/**
 * The reference's rate by another's, at a fixed offered load the other's p99 by the reference's: medians of the rounds' own
 * ratios. The reference is godwit where it takes part, else whose round comes first in the file.
 */
export function ratiosOf({ rounds }: RunFile): ReadonlyMap<string, number> {
  const ratios = new Map<string, number>();
  const rates = new Map(rounds.map((each) => [`${each.row} ${each.pairing} ${each.round}`, merit(each)]));
  for (const row of new Set(rounds.map(({ row }) => row))) {
    const ofRow = rounds.filter((each) => each.row === row);
    const pairings = [...new Set(ofRow.map(({ pairing }) => pairing))];
    const reference = pairings.includes("godwit") ? "godwit" : pairings[0];
    for (const pairing of pairings) {
      if (pairing === reference) continue;
      const own = ofRow.filter((each) => each.pairing === pairing);
      const each = own.flatMap((round) => {
        const ours = rates.get(`${row} ${reference} ${round.round}`);
        return ours === undefined ? [] : [ours / merit(round)];
      });
      if (each.length > 0) ratios.set(`${row}: ${reference} by ${pairing}`, median(each));
    }
  }
  return ratios;
}

/** More of it is better. */
function merit({ perSecond, p99Us, openLoop }: RunFile["rounds"][number]): number {
  return openLoop === undefined ? perSecond : 1 / (p99Us ?? Number.NaN);
}

export function compareRuns(run: RunFile, recorded: RunFile | undefined): string {
  const before = recorded === undefined ? undefined : ratiosOf(recorded);
  const body = [...ratiosOf(run)].map(([name, ratio]) => {
    const was = before?.get(name);
    return [name, ratio.toFixed(2), was?.toFixed(2) ?? "", was === undefined ? "new" : change(ratio, was)];
  });
  const table = renderTable(["", "ratio", "recorded", "change"], body);
  if (recorded === undefined) return `${table}\nNothing is recorded.`;
  const { date, node, cpu } = recorded.environment;
  return `${table}\nRecorded on ${date.slice(0, 10)} with Node ${node} on ${cpu}; here: Node ${run.environment.node} on ${run.environment.cpu}.`;
}

function read(file: string): RunFile {
  return JSON.parse(readFileSync(file, "utf8")) as RunFile;
}

const [program, file, recordedFile = fileURLToPath(new URL("../../../docs/evidence/bench.json", import.meta.url))] =
  process.argv.slice(1);
if (program !== undefined && file !== undefined && import.meta.url === pathToFileURL(program).href) {
  console.log(compareRuns(read(file), existsSync(recordedFile) ? read(recordedFile) : undefined));
}
