import { cost, count } from "../macro/figures.js";
import { renderTable } from "../macro/table.js";
import type { AgeingRound } from "./ageing.js";
import type { Group } from "./cases.js";
import { type Compared, medianOf, type Ratio, ratioOf } from "./compare.js";

const head = ["calls/s", "CPU client", "CPU server", "calls/s by the first", "CPU client by it", "CPU server by it"];

/** `rounds` of each case of the group, in its order. */
export function renderGroup({ title, cases }: Group, rounds: readonly (readonly Compared[])[]): string {
  const body = cases.map(({ label }, index) => renderLine(label, rounds[index] ?? [], index > 0));
  return `${title}\n${renderTable(["", ...head], body)}`;
}

/** Where the old connection was in its life, against new ones. */
export function renderAgeing(rounds: readonly AgeingRound[], calls: number): string {
  const spans: readonly (readonly [string, number, number])[] = [
    [`10,000 to ${count(calls / 10)} calls before`, 0, calls / 10],
    [`${count(calls / 10)} to ${count(calls)}`, calls / 10, calls],
    [`${count(calls)} and more`, calls, Number.POSITIVE_INFINITY],
  ];
  const body = spans.flatMap(([label, from, to]) => {
    const within = rounds.filter(({ callsBefore }) => callsBefore >= from && callsBefore < to);
    return within.length === 0 ? [] : [renderLine(label, within, true)];
  });
  const names = head.map((name) => name.replace("by the first", "by a new one's").replace("by it", "by its"));
  return `Calls made on the connection\n${renderTable(["", ...names], body)}`;
}

function renderLine(label: string, rounds: readonly Compared[], compared: boolean): string[] {
  const figures = [
    count(medianOf(rounds, "rate")),
    `${cost(medianOf(rounds, "clientCpuUs"))} µs`,
    `${cost(medianOf(rounds, "serverCpuUs"))} µs`,
  ];
  const ratios = (["rate", "clientCpuUs", "serverCpuUs"] as const).map((figure) =>
    compared ? renderRatio(ratioOf(rounds, figure)) : "",
  );
  return [`  ${label}`, ...figures, ...ratios];
}

function renderRatio({ median, low, high }: Ratio): string {
  const interval = Number.isFinite(low) ? ` (${low.toFixed(2)}–${high.toFixed(2)})` : "";
  return `${median.toFixed(2)}${interval}`;
}
