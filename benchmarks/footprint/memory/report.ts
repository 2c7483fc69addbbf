import type { Environment } from "../../macro/environment.js";
import { renderTable } from "../../macro/table.js";
import type { MemoryOptions } from "./options.js";
import type { Figures, Summary } from "./results.js";

export function describe(environment: Environment, options: MemoryOptions): string {
  const { connections, streams, rounds } = options;
  const { versions, pinned } = environment;
  const cores =
    pinned === undefined ? "processes not pinned" : `server on core ${pinned.server}, client on core ${pinned.client}`;
  return [
    `Node ${environment.node}, ${environment.system}, ${environment.cpu}, ${cores}`,
    `godwit ${versions.godwit} against @grpc/grpc-js ${versions["@grpc/grpc-js"]}, and against sockets without a protocol`,
    `${connections} idle connections, ${streams} idle streams, ${rounds} rounds: medians; new processes each time`,
  ].join("\n");
}

export function progressLine(summaries: readonly Summary[]): string {
  const [first] = summaries;
  if (first === undefined) return "";
  const parts = summaries.map(({ subject, figures }) =>
    "perSecond" in figures
      ? `${subject} ${Math.round(figures.perSecond ?? 0)}/s`
      : `${subject} ${bytes(figures.clientRssBytes)} client, ${bytes(figures.serverRssBytes)} server`,
  );
  return `${first.row}: ${parts.join("; ")}`;
}

/** The tables of memory and of rates, of which one may have no rows. */
export function renderSummaries(summaries: readonly Summary[]): string {
  const memory = summaries.filter(({ figures }) => "clientRssBytes" in figures);
  const setUps = summaries.filter(({ figures }) => "perSecond" in figures);
  return [
    ...(memory.length === 0 ? [] : [table(memoryHead, memory, memoryColumns, bytes)]),
    ...(setUps.length === 0 ? [] : [table(setUpHead, setUps, setUpColumns, (value) => value.toFixed(0))]),
  ].join("\n\n");
}

const memoryHead = ["bytes each", "", "client RSS", "", "client heap", "", "server RSS", "", "server heap", ""];
const memoryColumns = ["clientRssBytes", "clientHeapBytes", "serverRssBytes", "serverHeapBytes"];
const setUpHead = ["set-up", "", "a second", "", "client µs", "", "server µs", ""];
const setUpColumns = ["perSecond", "clientCpuUs", "serverCpuUs"];

/** Behind each figure stands what godwit's is to it. */
function table(
  head: readonly string[],
  summaries: readonly Summary[],
  columns: readonly string[],
  format: (value: number) => string,
): string {
  const cells = ({ figures, ratios, subject }: Summary): string[] =>
    columns.flatMap((column) => [format(value(figures, column)), subject === "godwit" ? "" : ratio(ratios, column)]);
  return renderTable(
    head,
    summaries.map((summary) => [summary.row, summary.subject, ...cells(summary)]),
  );
}

function value(figures: Figures, column: string): number {
  return figures[column] ?? Number.NaN;
}

function ratio(ratios: Figures, column: string): string {
  return column in ratios ? `× ${value(ratios, column).toFixed(2)}` : "";
}

function bytes(count: number | undefined): string {
  return count === undefined ? "?" : String(Math.round(count));
}
