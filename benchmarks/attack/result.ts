/** What a bench measures. */
import { median } from "../macro/statistics.js";
import type { SubjectName } from "../macro/subjects/subject.js";
import type { AttackedCalls, Load, Probe, Tally, Vitals } from "./messages.js";

/** Of a healthy client: before the attack, during, and after. */
export interface Loads {
  idle?: Load;
  under?: Load;
  after?: Load;
}

/** Of the process that is attacked. */
export interface VitalsOverTime {
  /** Its peaks are those of the idle load. */
  idle?: Vitals;
  /** Garbage collected, after the idle load. */
  before?: Vitals;
  /** While it is attacked: its peaks are those of the attack. */
  under?: Vitals;
  /** The attack still stands, garbage is collected: what it holds. */
  held?: Vitals;
  /** Garbage collected, when all is over. */
  after?: Vitals;
}

export interface Result {
  readonly bench: string;
  readonly subject: SubjectName;
  readonly loads: Loads;
  readonly vitals: VitalsOverTime;
  readonly tallies: Tally[];
  /** From the end of the attack until the process was as idle as before; undefined when it was not within 10 s. */
  cpuSettledMs?: number;
  /** Processor time of the attacked process under the idle load, as a share of one core. */
  cpuIdle?: number;
  /** The same during the attack. */
  cpuUnder?: number;
  /** A call on a new connection, when all is over. */
  probe?: Probe;
  /** Of a client: what became of its calls to the server that attacks. */
  attacked?: AttackedCalls;
  /** How the process under attack was lost, if it was. */
  lost?: string;
}

export const mebibyte = 1024 * 1024;

/** Goodput under attack, as a share of that before. */
export function goodputShare({ loads }: Result): number {
  return (loads.under?.perSecond ?? 0) / (loads.idle?.perSecond ?? Number.NaN);
}

export function rssGrowth({ vitals }: Result): number {
  return (vitals.under?.peakRssBytes ?? Number.NaN) - (vitals.before?.rssBytes ?? Number.NaN);
}

/** What the attack makes the process hold beside garbage. */
export function heldBytes({ vitals }: Result): number {
  return (vitals.held?.heapBytes ?? Number.NaN) - (vitals.before?.heapBytes ?? Number.NaN);
}

export function totalOf(result: Result, what: (tally: Tally) => number): number {
  return result.tallies.reduce((sum, tally) => sum + what(tally), 0);
}

/** Of the connections of attackers: how long they lived. Undefined when none was ended. */
export function closedAfterMs({ tallies }: Result): { readonly median: number; readonly max: number } | undefined {
  const closed = tallies.flatMap(({ closedAfterMs }) => closedAfterMs ?? []);
  if (closed.length === 0) return undefined;
  return { median: median(closed.map((times) => times.median)), max: Math.max(...closed.map(({ max }) => max)) };
}

export function goAwaysOf({ tallies }: Result): Record<string, number> {
  return sumOfRecords(tallies.map(({ goAways }) => goAways));
}

export function statusesOf({ tallies }: Result): Record<string, number> {
  return sumOfRecords(tallies.map(({ statuses }) => statuses));
}

function sumOfRecords(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const record of records) for (const [key, count] of Object.entries(record)) sum[key] = (sum[key] ?? 0) + count;
  return sum;
}
