import { StatusCode } from "../../rpc/status-code.js";
import { plainText } from "../plain-text.js";
import type { ChannelView, ConnectionView, Counts, ServerView } from "./read-channelz.js";
import type { Part, Snapshot } from "./snapshot.js";
import { type Column, cut, table } from "./table.js";

/** A snapshot as lines. With the one before there are rates, too. */
export function page(snapshot: Snapshot, before: Snapshot | undefined, width: number): string[] {
  const rates = new Rates(snapshot, before);
  const lines = [
    ...section("SERVICES", snapshot.services, "reflection", (names) => services(names, snapshot.health, width)),
    ...section("SERVERS", snapshot.servers, "channelz", (all) => servers(all, rates, width)),
    ...section("CHANNELS of its process", snapshot.channels, "channelz", (all) => channels(all, rates, width)),
  ];
  return lines.map((line) => cut(line, width));
}

/** Why there is no answer is one line. */
function section<T>(title: string, part: Part<T>, service: string, lines: (value: T) => string[]): string[] {
  if ("value" in part) return [title, ...lines(part.value), ""];
  const { code, message } = part.error;
  const why = code === StatusCode.UNIMPLEMENTED ? `the server has no ${service} service` : plainText(message);
  return [title, `  ${why}`, ""];
}

function services(names: readonly string[], health: Snapshot["health"], width: number): string[] {
  const statuses = "value" in health ? health.value : new Map<string, string>();
  const rows = names.map((name) => [name, statuses.get(name) ?? ""]);
  const whole = statuses.get("");
  const unknown = [...statuses].filter(([name]) => name !== "" && !names.includes(name));
  const all = [...rows, ...unknown.map(([name, status]) => [name, status])];
  const lines = table([{ title: "NAME" }, { title: "HEALTH" }], all, width);
  if (whole !== undefined) return [...lines, `  the server as a whole is ${whole}`];
  if ("value" in health) return lines;
  const { code, message } = health.error;
  return [
    ...lines,
    code === StatusCode.UNIMPLEMENTED ? "  it has no health service" : `  health: ${plainText(message)}`,
  ];
}

const callColumns: readonly Column[] = [
  { title: "IN FLIGHT", isNumber: true },
  { title: "STARTED", isNumber: true },
  { title: "FAILED", isNumber: true },
  { title: "CALLS/S", isNumber: true },
  { title: "FAILED/S", isNumber: true },
];

function servers(all: readonly ServerView[], rates: Rates, width: number): string[] {
  const rows = all.map(({ id, listening, calls }) => [
    String(id),
    listening.join(", ") || "nowhere",
    ...callCells(calls, rates.of(id)),
  ]);
  const columns = [{ title: "ID", isNumber: true }, { title: "LISTENS ON" }, ...callColumns];
  const lines = table(columns, rows, width);
  for (const { id, connections, hasMore } of all) {
    if (connections.length === 0) continue;
    const title = `  CONNECTIONS of server ${id}${hasMore ? `, the first ${connections.length}` : ""}`;
    lines.push("", title, ...connectionTable(connections, rates, width));
  }
  return lines;
}

function connectionTable(connections: readonly ConnectionView[], rates: Rates, width: number): string[] {
  const columns: Column[] = [
    { title: "ID", isNumber: true },
    { title: "PEER" },
    { title: "SECURITY" },
    { title: "STREAMS", isNumber: true },
    { title: "STARTED", isNumber: true },
    { title: "FAILED", isNumber: true },
    { title: "MESSAGES IN", isNumber: true },
    { title: "OUT", isNumber: true },
    { title: "STREAMS/S", isNumber: true },
  ];
  const rows = connections.map(({ id, name, security, streams, messagesReceived, messagesSent }) => {
    const open = String(inFlight(streams));
    const numbers = [streams.started, streams.failed, messagesReceived, messagesSent].map(String);
    return [String(id), name, security, open, ...numbers, rates.of(id)?.started ?? ""];
  });
  return table(columns, rows, width);
}

function channels(all: readonly ChannelView[], rates: Rates, width: number): string[] {
  if (all.length === 0) return ["  none"];
  const rows = all.map(({ id, target, state, calls, subchannels, event }) => {
    return [String(id), target, state, ...callCells(calls, rates.of(id)), String(subchannels), event ?? ""];
  });
  const columns = [
    { title: "ID", isNumber: true },
    { title: "TARGET" },
    { title: "STATE" },
    ...callColumns,
    { title: "SUBCHANNELS", isNumber: true },
    { title: "LAST EVENT" },
  ];
  return table(columns, rows, width);
}

function callCells(calls: Counts, rate: Rate | undefined): string[] {
  const { started, failed } = calls;
  return [...[inFlight(calls), started, failed].map(String), rate?.started ?? "", rate?.failed ?? ""];
}

function inFlight({ started, succeeded, failed }: Counts): number {
  return Math.max(0, started - succeeded - failed);
}

interface Rate {
  readonly started: string;
  readonly failed: string;
}

/** What happened between two snapshots, a second. Ids are of the whole process. */
class Rates {
  readonly #byId = new Map<number, Rate>();

  constructor(snapshot: Snapshot, before: Snapshot | undefined) {
    if (before === undefined) return;
    const seconds = (snapshot.at - before.at) / 1000;
    const earlier = countsById(before);
    for (const [id, { started, failed }] of countsById(snapshot)) {
      const last = earlier.get(id);
      if (last === undefined || seconds <= 0) continue;
      const rate = (now: number, then: number): string => (Math.max(0, now - then) / seconds).toFixed(1);
      this.#byId.set(id, { started: rate(started, last.started), failed: rate(failed, last.failed) });
    }
  }

  of(id: number): Rate | undefined {
    return this.#byId.get(id);
  }
}

function countsById({ servers: serverPart, channels: channelPart }: Snapshot): Map<number, Counts> {
  const found = new Map<number, Counts>();
  if ("value" in serverPart) {
    for (const { id, calls, connections } of serverPart.value) {
      found.set(id, calls);
      for (const connection of connections) found.set(connection.id, connection.streams);
    }
  }
  if ("value" in channelPart) for (const { id, calls } of channelPart.value) found.set(id, calls);
  return found;
}
