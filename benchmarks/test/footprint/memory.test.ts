import assert from "node:assert/strict";
import { chartedFigures } from "../../footprint/memory/charted.js";
import { parseOptions } from "../../footprint/memory/options.js";
import { connectionsFor, fileProblem, type Row, rows, streamsPerConnection } from "../../footprint/memory/plan.js";
import { isWorthwhile } from "../../footprint/memory/reading.js";
import { countSetUps, repeatAtOnce } from "../../footprint/memory/repeat.js";
import { renderSummaries } from "../../footprint/memory/report.js";
import { type Round, summarizeRow } from "../../footprint/memory/results.js";

const connections = rows.find(({ id }) => id === "connections") as Row;
const setUp = rows.find(({ id }) => id === "set-up-1") as Row;

/** A round of `row` whose figures are all `bytes`. */
function memoryRound(subject: Round["subject"], round: number, bytes: number): Round {
  const figures = { clientRssBytes: bytes, clientHeapBytes: bytes, serverRssBytes: bytes, serverHeapBytes: bytes };
  return { row: connections.id, subject, round, figures };
}

describe("the benchmark of memory", () => {
  it("compares the rounds of a subject with godwit's of the same round", () => {
    const rounds = [
      memoryRound("godwit", 0, 10),
      memoryRound("grpc-js", 0, 40),
      memoryRound("godwit", 1, 30),
      memoryRound("grpc-js", 1, 60),
      memoryRound("godwit", 2, 20),
      memoryRound("grpc-js", 2, 80),
    ];
    const [ours, theirs] = summarizeRow(connections, rounds);
    assert.equal(ours?.figures.serverRssBytes, 20);
    assert.equal(theirs?.figures.serverRssBytes, 60);
    // 1/4, 1/2 and 1/4: the ratio of the medians would be 1/3.
    assert.equal(theirs?.ratios.serverRssBytes, 0.25);
    assert.equal(ours?.ratios.serverRssBytes, 1);
  });

  it("gives medians of pages to the charts", () => {
    const rounds = [memoryRound("godwit", 0, 10.4), memoryRound("grpc-js", 0, 40)];
    assert.deepEqual(chartedFigures(summarizeRow(connections, rounds)), [
      { measure: "idle connection, client", subject: "godwit", value: 10, unit: "bytes" },
      { measure: "idle connection, server", subject: "godwit", value: 10, unit: "bytes" },
      { measure: "idle connection, client", subject: "grpc-js", value: 40, unit: "bytes" },
      { measure: "idle connection, server", subject: "grpc-js", value: 40, unit: "bytes" },
    ]);
  });

  it("says nothing of a subject that was not measured", () => {
    const summaries = summarizeRow(connections, [memoryRound("godwit", 0, 10)]);
    assert.deepEqual(
      summaries.map(({ subject }) => subject),
      ["godwit"],
    );
    assert.ok(
      !summarizeRow(connections, [memoryRound("grpc-js", 0, 10)]).some(({ ratios }) => "serverRssBytes" in ratios),
    );
  });

  it("prints memory and rates apart, with the ratio behind each figure", () => {
    const rate = (subject: Round["subject"], perSecond: number): Round => {
      return { row: setUp.id, subject, round: 0, figures: { perSecond, clientCpuUs: 1, serverCpuUs: 2 } };
    };
    const rounds = [
      memoryRound("godwit", 0, 1000),
      memoryRound("grpc-js", 0, 4000),
      rate("godwit", 500),
      rate("grpc-js", 250),
    ];
    const text = renderSummaries([...summarizeRow(connections, rounds), ...summarizeRow(setUp, rounds)]);
    const [memory, rates] = text.split("\n\n");
    assert.match(memory ?? "", /^connections +grpc-js +4000 +× 0\.25 /m);
    assert.match(rates ?? "", /^set-up-1 +grpc-js +250 +× 2\.00 /m);
  });

  it("has room for all streams, and some left to measure", () => {
    for (const streams of [2, 999, 1000, 1001, 5000, 100_000]) {
      const count = connectionsFor(streams);
      assert.ok(streams <= count * streamsPerConnection);
      assert.ok(streams > (count - 1) * streamsPerConnection);
      assert.ok(count < streams);
    }
    assert.throws(() => parseOptions(["--streams", "1"]), /--streams is 1, expected 2 or more/);
  });

  it("does not begin what a process may not open", () => {
    assert.equal(fileProblem(10_000, 20_000), undefined);
    assert.equal(fileProblem(10_000, Number.POSITIVE_INFINITY), undefined);
    assert.equal(
      fileProblem(10_000, 1024),
      "10000 connections need 10264 open files in a process, limit 1024 (ulimit -n)",
    );
  });

  it("collects garbage five times, and on as long as that gives pages back", () => {
    assert.ok(isWorthwhile([]));
    assert.ok(isWorthwhile([100, 100, 100, 100]));
    assert.ok(!isWorthwhile([100, 100, 100, 100, 100]));
    assert.ok(!isWorthwhile([100, 50, 50, 50, 50]));
    assert.ok(isWorthwhile([100, 50, 50, 50, 49]));
    assert.ok(!isWorthwhile([100, 50, 50, 50, 49.95]));
  });

  it("knows its options", () => {
    assert.equal(parseOptions([]).connections, 10_000);
    assert.equal(parseOptions([]).streams, 100_000);
    assert.equal(parseOptions(["--quick"]).rounds, 1);
    assert.equal(parseOptions(["--quick", "--streams", "7"]).streams, 7);
    assert.deepEqual(
      parseOptions(["--only", "tls-conn", "--only", "streams"]).rows.map(({ id }) => id),
      ["tls-connections", "streams"],
    );
    assert.throws(() => parseOptions(["--only", "nothing"]), /--only nothing is no row/);
    assert.throws(() => parseOptions(["--rounds", "0"]), /--rounds is 0, expected 1 or more/);
    assert.throws(() => parseOptions(["--connections", "many"]), /--connections is many, expected 1 or more/);
  });

  it("keeps so many under way and calls each index once", async () => {
    const waiting: (() => void)[] = [];
    const seen: number[] = [];
    const done = repeatAtOnce(3, 7, (index) => {
      seen.push(index);
      return new Promise((resolve) => waiting.push(resolve));
    });
    let most = 0;
    while (seen.length < 7 || waiting.length > 0) {
      most = Math.max(most, waiting.length);
      waiting.shift()?.();
      await Promise.resolve();
    }
    await done;
    assert.equal(most, 3);
    assert.deepEqual(seen, [0, 1, 2, 3, 4, 5, 6]);
  });

  it("counts what was under way when the time was over", async () => {
    let now = 0;
    const step = async (): Promise<void> => {
      now += 10;
    };
    assert.deepEqual(await countSetUps(1, 95, step, () => now), { count: 10, elapsedMs: 100 });
    await assert.rejects(
      countSetUps(
        2,
        95,
        () => Promise.reject(new Error("refused")),
        () => now,
      ),
      /refused/,
    );
  });
});
