import type { Summary } from "./results.js";

/** A figure as `npm run bench:plot` draws it. */
export interface ChartedFigure {
  /** `idle connection, server`. */
  readonly measure: string;
  readonly subject: string;
  readonly value: number;
  readonly unit: "bytes";
}

const things: Readonly<Record<string, string>> = {
  connections: "idle connection",
  "tls-connections": "idle TLS connection",
  streams: "idle stream",
};

/** Pages of the process for each thing and side. Rates have no chart. */
export function chartedFigures(summaries: readonly Summary[]): ChartedFigure[] {
  return summaries.flatMap(({ row, subject, figures }) => {
    const thing = things[row];
    if (thing === undefined) return [];
    return (["client", "server"] as const).map((side) => ({
      measure: `${thing}, ${side}`,
      subject,
      value: Math.round(figures[`${side}RssBytes`] ?? Number.NaN),
      unit: "bytes" as const,
    }));
  });
}
