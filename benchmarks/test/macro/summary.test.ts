import assert from "node:assert/strict";
import type { PairingId } from "../../macro/pairings.js";
import { describeProgress, renderRatios, renderRow } from "../../macro/report.js";
import type { Row } from "../../macro/rows.js";
import { type Round, summarizeRow } from "../../macro/summary.js";

const row: Row = {
  id: "some",
  title: "some calls",
  unit: "calls/s",
  workload: { kind: "unary", inFlight: 1, payloadBytes: 64, headline: false },
  pairings: ["godwit", "grpc-js"],
};

function round(pairing: PairingId, index: number, perSecond: number): Round {
  const latencies = { p50Us: 10, p99Us: 20, p999Us: 30 };
  const costs = { clientCpuUs: 2000, serverCpuUs: 3000 };
  return {
    row: row.id,
    pairing,
    round: index,
    operations: 1000,
    elapsedMs: 1000,
    perSecond,
    ...latencies,
    ...costs,
  };
}

describe("summary of a row", () => {
  const rounds = [
    ...[round("godwit", 0, 1000), round("grpc-js", 0, 100)],
    // Another order within the round.
    ...[round("grpc-js", 1, 200), round("godwit", 1, 1000)],
    ...[round("godwit", 2, 300), round("grpc-js", 2, 100)],
  ];

  it("takes the median of the rounds' own ratios", () => {
    const [ours, theirs] = summarizeRow(row, rounds).pairings;
    assert.deepEqual(ours?.rate, { median: 1000, min: 300, max: 1000 });
    assert.deepEqual(theirs?.rate, { median: 100, min: 100, max: 200 });
    // Not 1000 / 100.
    assert.deepEqual(theirs?.ratio, { median: 5, min: 3, max: 10 });
    assert.deepEqual(ours?.latency, { p50Us: 10, p99Us: 20, p999Us: 30 });
    assert.deepEqual([ours?.clientCpuUs, ours?.serverCpuUs], [2, 3]);
  });

  it("is a table that compares the first to all others", () => {
    const lines = renderRow(summarizeRow(row, rounds)).split("\n");
    assert.equal(lines[0], "some: some calls");
    assert.match(lines[1] ?? "", /calls\/s \(min–max\) +godwit by it \(min–max\) +p50 \/ p99 \/ p99\.9/);
    assert.match(lines[3] ?? "", /^ {2}godwit +1,000 \(300–1,000\) +10 µs \/ 20 µs \/ 30 µs +2\.0 \+ 3\.0 µs +– +–$/);
    assert.match(lines[4] ?? "", /^ {2}grpc-js +100 \(100–200\) +5\.00× \(3\.00×–10\.00×\) /);
  });

  it("has no latency where nothing is waited for", () => {
    const unknown = { p50Us: undefined, p99Us: undefined, p999Us: undefined };
    const summary = summarizeRow(row, [{ ...round("godwit", 0, 1000), ...unknown }]);
    assert.equal(summary.pairings[0]?.latency, undefined);
  });

  it("has its place in the table of all ratios", () => {
    const other: Row = { ...row, id: "other", pairings: ["grpc-js", "godwit/grpc-js"] };
    const text = renderRatios([
      summarizeRow(row, rounds),
      summarizeRow(other, [
        { ...round("grpc-js", 0, 10), row: "other" },
        { ...round("godwit/grpc-js", 0, 20), row: "other" },
      ]),
    ]);
    const lines = text.split("\n");
    assert.match(lines[0] ?? "", /rate of +by grpc-js +by godwit$/);
    assert.match(lines[2] ?? "", /^some +godwit +5\.00×/);
    assert.match(lines[3] ?? "", /^other, server of grpc-js +grpc-js +0\.50×$/);
  });
});

describe("progress of a run", () => {
  it("counts by how much of the work is done", () => {
    const other: Row = { ...row, id: "other", pairings: ["godwit", "grpc-js", "godwit/grpc-js", "grpc-js/godwit"] };
    assert.equal(describeProgress([row], [other, row], 60_000), "[1/2, about 2 min left]");
    assert.equal(describeProgress([row, other], [other, row], 60_000), "[2/2]");
  });
});

describe("summary of a row at a fixed offered load", () => {
  const open: Row = { ...row, id: "open", offered: { share: 0.5, of: "grpc-js" } };
  const due = 1000;

  function openRound(pairing: PairingId, index: number, p99Us: number, operations = due): Round {
    const openLoop = { due, unsent: 0, mostInFlight: 9, lateP50Us: 1, lateP99Us: 40, emptyTurnUs: 1.5 };
    return { ...round(pairing, index, operations), row: open.id, p99Us, operations, openLoop };
  }

  const rounds = [
    ...[openRound("godwit", 0, 100), openRound("grpc-js", 0, 900)],
    ...[openRound("godwit", 1, 200), openRound("grpc-js", 1, 800, 900)],
    ...[openRound("godwit", 2, 100), openRound("grpc-js", 2, 500, 900)],
  ];

  it("compares latencies, since rates are what was offered", () => {
    const [, theirs] = summarizeRow(open, rounds).pairings;
    assert.deepEqual(theirs?.ratio, { median: 5, min: 4, max: 9 });
  });

  it("says who could not keep up, and what the generator added", () => {
    const summary = summarizeRow(open, rounds);
    assert.deepEqual(
      summary.pairings.map(({ openLoop }) => openLoop?.keptUp),
      [true, false],
    );
    const text = renderRow(summary);
    assert.match(text, /grpc-js +1,000 +OVERLOADED 900 +5\.00× \(4\.00×–9\.00×\) +10 µs \/ 800 µs/);
    assert.match(text, /godwit +1,000 +1,000 .* 1 µs \/ 40 µs +9 /);
    assert.match(text, /look at the clock every 1\.5 µs when idle/);
    assert.match(renderRatios([summary]), /open, p99 by that +godwit +5\.00×/);
  });
});
