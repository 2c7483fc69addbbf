/** What an idle connection and an idle stream take, from what `npm run bench:memory -- --json FILE` wrote. */
import { median } from "../macro/statistics.js";
import { type BarGroup, type BarPanel, barChart } from "./bar-chart.js";
import { compact } from "./numbers.js";
import { orderOf } from "./theme.js";

export interface MemoryRound {
  readonly row: string;
  readonly subject: string;
  readonly figures: Readonly<Record<string, number>>;
}

const panels = [
  [
    { row: "connections", label: "connection" },
    { row: "tls-connections", label: "connection over TLS" },
  ],
  [{ row: "streams", label: "stream" }],
] as const;

const sides = [
  { name: "client", figure: "clientRssBytes" },
  { name: "server", figure: "serverRssBytes" },
] as const;

/** Undefined where there is no row for it. */
export function memoryChart(rounds: readonly MemoryRound[], environment: string): string | undefined {
  const drawn = panels.flatMap((rows): readonly BarPanel[] => {
    const groups = rows.flatMap(({ row, label }) => groupsOf(rounds, row, label));
    return groups.length === 0 ? [] : [{ unit: "KiB", groups, format: compact }];
  });
  if (drawn.length === 0) return undefined;
  return barChart(
    "Memory of what is idle",
    ["Resident memory of one, median of the rounds. Each has carried a call or a message before.", environment],
    drawn,
  );
}

function groupsOf(rounds: readonly MemoryRound[], row: string, label: string): BarGroup[] {
  const ofRow = rounds.filter((round) => round.row === row);
  const subjects = [...new Set(ofRow.map(({ subject }) => subject))].sort((a, b) => orderOf(a) - orderOf(b));
  return sides.flatMap(({ name, figure }) => {
    const bars = subjects.flatMap((subject) => {
      const values = ofRow.flatMap((round) => (round.subject === subject ? (round.figures[figure] ?? []) : []));
      return values.length === 0
        ? []
        : { pairing: subject, value: Math.max(0, median(values)) / 1024, spread: undefined };
    });
    return bars.length === 0 ? [] : { label: `${label}, ${name}`, bars };
  });
}
