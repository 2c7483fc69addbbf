import type { CodeSize } from "./code-size.js";
import { directions, type Results } from "./results.js";
import { sampleNames, samples } from "./sample-messages.js";
import { type Library, libraries } from "./subject.js";

/** Time of an operation and, in parentheses, how many times faster than protobuf-es that is. */
export function timeTable(results: Results): string {
  const rows: string[][] = [["", ...libraries]];
  for (const direction of directions) {
    for (const sample of sampleNames) {
      const size = samples[sample].bytes.length;
      rows.push([
        `${direction} ${sample} (${size} B)`,
        ...libraries.map((library) => cell(results, library, sample, direction)),
      ]);
    }
    const means = libraries.map((library) => `${results.geometricMean(library, direction).toFixed(2)}x`);
    rows.push([`${direction}, geometric mean`, ...means]);
    const smaller = libraries.map((library) => `${results.geometricMean(library, direction, ["large"]).toFixed(2)}x`);
    rows.push([`${direction}, without large`, ...smaller]);
  }
  return markdown(rows);
}

export function sizeTable(sizes: ReadonlyMap<Library, CodeSize>): string {
  const rows = [["generated code", "raw", "minified", "gzip"]];
  for (const [library, { raw, minified, gzip }] of sizes) rows.push([library, ...[raw, minified, gzip].map(kilobytes)]);
  return markdown(rows);
}

function cell(results: Results, ...[library, sample, direction]: Parameters<Results["ns"]>): string {
  const ns = results.ns(library, sample, direction);
  if (ns === undefined) return "–";
  const ratio = results.ratio(library, sample, direction) ?? Number.NaN;
  return `${time(ns)} (${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0)}x)`;
}

function time(ns: number): string {
  if (ns < 1000) return `${ns.toFixed(0)} ns`;
  const us = ns / 1000;
  return `${us < 10 ? us.toFixed(2) : us.toFixed(1)} µs`;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function markdown(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((text, i) => text.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...body.map(line)].join("\n");
}
