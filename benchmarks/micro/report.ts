/** What a run prints. */
import { renderTable } from "../macro/table.js";
import { change, keyOf, type Summary } from "./figures.js";
import type { Launch, Measured } from "./launch.js";
import type { Recorded } from "./recorded.js";

export interface Report {
  readonly measured: readonly Measured[];
  readonly own: Summary;
  /** Of the other checkout. */
  readonly other: Summary | undefined;
  readonly recorded: Recorded | undefined;
}

/** One line a figure. Time is what it took here and now; what it is held against is the ratio to the calibration. */
export function figureTable({ measured, own, other, recorded }: Report): string {
  const peers = new Map(measured.flatMap(({ id, peer }) => (peer === null ? [] : [[id, peer] as const])));
  const rows = measured
    .filter(({ peer }) => peer === null)
    .map(({ id }) => {
      const figure = own.figures.get(id);
      const ratio = figure?.ratio ?? Number.NaN;
      const cells = [id, time(figure?.nanoseconds), bytes(figure?.bytes), ratio.toFixed(3)];
      cells.push(change(ratio, recorded?.figures[id]?.ratio));
      if (other !== undefined) cells.push(change(ratio, other.figures.get(id)?.ratio));
      const peer = peers.get(id);
      cells.push(peer === undefined ? "" : `${peer} ${timesAsLong(own, id, peer)}`);
      return cells;
    });
  const head = ["operation", "time", "bytes", "ratio", "to recorded"];
  if (other !== undefined) head.push("to the other");
  return renderTable([...head, "a peer takes"], rows);
}

/** What was recorded, and how far it can be compared. */
export function describeRecorded(recorded: Recorded | undefined, here: { node: string; cpu: string }): string {
  if (recorded === undefined) return "Nothing is recorded: --record does.";
  const { date, node, cpu } = recorded;
  const text = `Recorded on ${date.slice(0, 10)} with Node ${node} on ${cpu}.`;
  if (node === here.node && cpu === here.cpu) return text;
  return `${text} Here: Node ${here.node} on ${here.cpu}, so that a tenth more or less says nothing.`;
}

export function operationTable({ measured }: Launch): string {
  return measured
    .filter(({ peer }) => peer === null)
    .map(({ id, operation }) => `${id.padEnd(28)}${operation}`)
    .join("\n");
}

function timesAsLong({ figures }: Summary, id: string, peer: string): string {
  const ratio = (figures.get(keyOf(id, peer))?.ratio ?? Number.NaN) / (figures.get(id)?.ratio ?? Number.NaN);
  return `${ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0)}x`;
}

function time(ns: number | undefined): string {
  if (ns === undefined) return "";
  if (ns < 100) return `${ns.toFixed(1)} ns`;
  return ns < 10_000 ? `${ns.toFixed(0)} ns` : `${(ns / 1000).toFixed(0)} us`;
}

function bytes(allocated: number | undefined): string {
  if (allocated === undefined || allocated < 0.5) return "0";
  return allocated < 10_000 ? allocated.toFixed(0) : `${(allocated / 1024).toFixed(0)} KiB`;
}
