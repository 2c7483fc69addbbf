/** What is printed of the cells, and written into docs/interop.md. */
import { caseNames } from "../official/all-cases.js";
import { type Cell, type Direction, directions, type Outcome } from "./cell.js";
import type { Transport } from "./transport.js";

export const captions: Readonly<Record<Transport, string>> = {
  h2c: "Without encryption (h2c)",
  tls: "TLS",
  mtls: "Mutual TLS",
};

/** Reasons by number, each once. */
export class Reasons {
  readonly list: string[] = [];

  numberOf(reason: string): number {
    const known = this.list.indexOf(reason);
    return known >= 0 ? known + 1 : this.list.push(reason);
  }
}

/** A table of one transport in Markdown: cases by peers; in each cell our client with their server, their client with ours. */
export function markdownTable(cells: readonly Cell[], transport: Transport, reasons: Reasons): string {
  const own = cells.filter((cell) => cell.transport === transport);
  const peers = [...new Set(own.map(({ peer }) => peer))];
  const rows = caseNames
    .filter((name) => own.some((cell) => cell.name === name))
    .map((name) => {
      const marks = peers.map((peer) => {
        const ofCell = own.filter((cell) => cell.peer === peer && cell.name === name);
        return directions.map((direction) => markOf(ofCell, direction, reasons)).join(" ");
      });
      return `| ${name} | ${marks.join(" | ")} |`;
    });
  return [`| | ${peers.join(" | ")} |`, `| --- |${" --- |".repeat(peers.length)}`, ...rows].join("\n");
}

function markOf(cells: readonly Cell[], direction: Direction, reasons: Reasons): string {
  const outcome: Outcome | undefined = cells.find((cell) => cell.direction === direction)?.outcome;
  if (outcome === undefined) return "·";
  if (outcome.kind === "ok") return "✓";
  return outcome.kind === "cannot" ? `(${reasons.numberOf(outcome.reason)})` : "**✗**";
}

/** `23 ok, 5 cannot, 1 FAILED` */
export function summary(cells: readonly Cell[]): string {
  const count = (kind: Outcome["kind"]): number => cells.filter(({ outcome }) => outcome.kind === kind).length;
  const failed = count("failed");
  return `${count("ok")} ok, ${count("cannot")} cannot${failed === 0 ? "" : `, ${failed} FAILED`}`;
}
