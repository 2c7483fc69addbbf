/** The timer table: deadlines that are armed and cancelled while others stand, and deadlines that come. */
import assert from "node:assert/strict";
import type { Timer } from "../../../runtime/src/base/platform.js";
import { TimerTable } from "../../../runtime/src/base/timer-table.js";
import type { MicroCase } from "../micro-case.js";

/** Timers that stand while others come and go: calls in flight on one connection, and on very many. */
const few = 100;
const many = 100_000;
/** Calls that are armed before the first of them is cancelled. */
const inFlight = 64;
/** Deadlines of services differ. */
const timeouts = [1_000, 10_000, 500, 30_000];
/** None of node's timers is to run while it is measured. */
const farAwayMs = 1_000_000;

const nothing = (): void => {};

export function timerCases(): readonly MicroCase[] {
  return [outstandingCase(few, "100"), outstandingCase(many, "100,000"), expireCase()];
}

function timeoutOf(call: number): number {
  return timeouts[call & 3] as number;
}

function outstandingCase(outstanding: number, text: string): MicroCase {
  const table = new TimerTable();
  let now = 0;
  for (let i = 0; i < outstanding; i++) table.schedule(now + timeoutOf(i) + i / outstanding, nothing, false);
  const armed: Timer[] = [];
  const run = (): number => {
    // It goes round, so that new timers always fall among those that stand.
    now = (now + 0.01) % timeoutOf(2);
    for (let i = 0; i < inFlight; i++) armed.push(table.schedule(now + timeoutOf(i), nothing, false));
    for (let i = 0; i < inFlight; i++) armed[i]?.cancel();
    armed.length = 0;
    return table.size;
  };
  assert.equal(run(), outstanding);
  for (let i = 0; i < outstanding; i++) setTimeout(nothing, farAwayMs + timeoutOf(i)).unref();
  const handles: NodeJS.Timeout[] = [];
  const runPeer = (): number => {
    for (let i = 0; i < inFlight; i++) handles.push(setTimeout(nothing, farAwayMs + timeoutOf(i)));
    for (let i = 0; i < inFlight; i++) clearTimeout(handles[i]);
    handles.length = 0;
    return handles.length;
  };
  return {
    id: `timers/cancel-${outstanding}`,
    operation: `a timer armed and cancelled beside ${text} others`,
    operations: inFlight,
    run,
    peer: { name: "setTimeout", run: runPeer },
  };
}

function expireCase(): MicroCase {
  const timers = 1_000;
  const table = new TimerTable();
  let now = 0;
  let ran = 0;
  const count = (): void => {
    ran++;
  };
  const run = (): number => {
    for (let i = 0; i < timers; i++) table.schedule(now + ((i * 7919) % timers), count, false);
    now += timers;
    table.runDue(now);
    return ran;
  };
  assert.equal(run(), timers);
  return { id: "timers/expire", operation: "a timer of 1,000, armed and run when it is due", operations: timers, run };
}
