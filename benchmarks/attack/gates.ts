/** What is asked of godwit in each bench, and whether it is so. grpc-js is the control: nothing is asked of it. */
import {
  closedAfterMs,
  goodputShare,
  heldBytes,
  mebibyte,
  type Result,
  rssGrowth,
  statusesOf,
  totalOf,
} from "./result.js";

export interface Verdict {
  readonly gate: string;
  readonly what: string;
  readonly observed: string;
  readonly limit: string;
  readonly isMet: boolean;
}

/** `theirs` is the control's result of the same run, where there is one. */
export type Judge = (ours: Result, theirs: Result | undefined) => readonly Verdict[];

/** True for no number: what was not measured was not met. */
function atMost(gate: string, what: string, value: number, limit: number, unit: string, digits = 1): Verdict {
  const observed = Number.isFinite(value) ? `${value.toFixed(digits)} ${unit}` : "not measured";
  return { gate, what, observed, limit: `≤ ${limit} ${unit}`, isMet: value <= limit };
}

function atLeast(gate: string, what: string, value: number, limit: number, unit: string, digits = 1): Verdict {
  const observed = Number.isFinite(value) ? `${value.toFixed(digits)} ${unit}` : "not measured";
  return { gate, what, observed, limit: `≥ ${limit} ${unit}`, isMet: value >= limit };
}

function alive(gate: string, { lost }: Result): Verdict {
  const observed = lost ?? "alive";
  return { gate, what: "process", observed, limit: "alive", isMet: lost === undefined };
}

function rss(gate: string, result: Result, limitMiB: number): Verdict {
  return atMost(gate, "RSS growth", rssGrowth(result) / mebibyte, limitMiB, "MiB");
}

function p99Factor(gate: string, { loads }: Result): Verdict {
  const factor = (loads.under?.p99Us ?? Number.NaN) / (loads.idle?.p99Us ?? Number.NaN);
  return atMost(gate, "healthy p99 by its idle p99", factor, 2, "×", 2);
}

function closed(gate: string, result: Result, limitMs: number): Verdict {
  const times = closedAfterMs(result);
  const what = "attacker closed after";
  if (times === undefined || totalOf(result, ({ openAtEnd }) => openAtEnd) > 0) {
    return { gate, what, observed: "never", limit: `≤ ${limitMs} ms`, isMet: false };
  }
  return atMost(gate, what, times.max, limitMs, "ms", 0);
}

/** G13, attackers that come back. */
export const survivesReconnecting: Judge = (ours, theirs) => [
  alive("G13", ours),
  atLeast("G13", "goodput by its idle goodput", 100 * goodputShare(ours), 20, "%"),
  ...(theirs === undefined ? [] : [byControl(ours, theirs)]),
  atMost("G13", "healthy p99", (ours.loads.under?.p99Us ?? Number.NaN) / 1000, 100, "ms"),
  rss("G13", ours, 64),
];

function byControl(ours: Result, theirs: Result): Verdict {
  const factor = (ours.loads.under?.perSecond ?? 0) / (theirs.loads.under?.perSecond ?? 0);
  // A control that got nothing done is beaten by anything.
  const value = Number.isNaN(factor) ? 0 : Math.min(factor, 1e6);
  return atLeast("G13", "goodput by grpc-js's", value, 10, "×");
}

/** No connection does anything that a limit could forbid: what is asked is that the server lives and is bounded. */
export const survives: Judge = (ours) => [alive("G13", ours), rss("G13", ours, 64)];

/** G13, one attacker that does not come back. */
export const endsAttacker: Judge = (ours) => [alive("G13", ours), closed("G13", ours, 100), p99Factor("G13", ours)];

const bombConnections = 10;

/** G14. Blocks that are as large as they may be on the wire. */
export const defusesLargeBomb: Judge = (ours) => [
  ...defusesSmallBomb(ours, undefined),
  atMost("G14", "held by octet on the wire", heldBytes(ours) / totalOf(ours, ({ bytes }) => bytes), 4, "B", 2),
];

/** G14. */
export const defusesSmallBomb: Judge = (ours) => [
  alive("G14", ours),
  atMost("G14", "held by connection", heldBytes(ours) / bombConnections / mebibyte, 1, "MiB", 2),
];

/** Fewer octets than that say nothing about what one of them costs. */
const fewOctets = 100_000;

/** G15. */
export const coalesces: Judge = (ours) => {
  const octets = totalOf(ours, ({ units }) => units);
  const isClosed = totalOf(ours, ({ openAtEnd }) => openAtEnd) === 0;
  if (octets < fewOctets && isClosed) {
    const observed = `closed after ${octets} octets`;
    const verdict = { gate: "G15", what: "attacker", observed, limit: "closed early, or ≤ 4 B held by octet" };
    return [alive("G15", ours), { ...verdict, isMet: true }, rss("G15", ours, 16)];
  }
  return [alive("G15", ours), atMost("G15", `held by octet of ${octets} octets`, heldBytes(ours) / octets, 4, "B")];
};

/** G16. */
export const endsFlood: Judge = (ours) => [
  alive("G16", ours),
  closed("G16", ours, 1000),
  atMost("G16", "CPU idle again after", ours.cpuSettledMs ?? Number.NaN, 2000, "ms", 0),
  rss("G16", ours, 16),
];

/** G17. */
export const boundsUnread: Judge = (ours) => [
  alive("G17", ours),
  rss(
    "G17",
    ours,
    totalOf(ours, ({ connections }) => connections),
  ),
  p99Factor("G17", ours),
];

/** G18, one bomb: what it costs in memory. */
export const refusesBomb: Judge = (ours) => {
  const { idle, under } = ours.vitals;
  // Read chunks that wait to be collected are there without a bomb too.
  const growth = (under?.peakExternalBytes ?? Number.NaN) - (idle?.peakExternalBytes ?? Number.NaN);
  return [alive("G18", ours), refused(ours), atMost("G18", "peak memory of buffers", growth / mebibyte, 5, "MiB")];
};

/** G18, as many bombs as there can be: what they cost the others. */
export const refusesBombs: Judge = (ours) => {
  const { under } = ours.vitals;
  const delayMs = (under?.loopDelayP99Us ?? Number.NaN) / 1000;
  return [alive("G18", ours), refused(ours), atMost("G18", "event loop delay p99", delayMs, 20, "ms")];
};

function refused(ours: Result): Verdict {
  const statuses = statusesOf(ours);
  return {
    gate: "G18",
    what: "statuses",
    observed: JSON.stringify(statuses),
    limit: "only 8 (RESOURCE_EXHAUSTED)",
    isMet: Object.keys(statuses).join() === "8",
  };
}

/** G19. They come over many seconds: some are still young at the end. */
export const reapsStalled: Judge = (ours) => {
  const oldestMs = Math.max(closedAfterMs(ours)?.max ?? Number.NaN, ...ours.tallies.map((tally) => tally.oldestOpenMs));
  return [alive("G19", ours), atMost("G19", "oldest stalled connection", oldestMs, 20_500, "ms", 0), accepts(ours)];
};

/** G19. */
export const survivesExhaustion: Judge = (ours) => [alive("G19", ours), accepts(ours)];

function accepts({ probe }: Result): Verdict {
  const observed = probe === undefined ? "not measured" : (probe.error ?? `answered in ${probe.ms.toFixed(0)} ms`);
  const isMet = probe !== undefined && probe.error === undefined;
  return { gate: "G19", what: "call on a new connection", observed, limit: "answered", isMet };
}

/** G20. A deadline of 1 s, and what a busy machine may add. */
export const survivesServer: Judge = (ours) => {
  const { attacked } = ours;
  const untyped = attacked?.ended["untyped"] ?? 0;
  return [
    alive("G20", ours),
    atMost("G20", "calls without a typed status", attacked === undefined ? Number.NaN : untyped, 0, "calls", 0),
    atMost("G20", "calls that did not end", attacked?.unended ?? Number.NaN, 0, "calls", 0),
    atMost("G20", "slowest call", attacked?.slowestMs ?? Number.NaN, 1250, "ms", 0),
  ];
};
