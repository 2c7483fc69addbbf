import assert from "node:assert/strict";
import { compareRuns, type RunFile, ratiosOf } from "../macro/compare.js";
import type { OpenLoopFigures } from "../macro/open-loop.js";
import type { PairingId } from "../macro/pairings.js";

const environment = { date: "2026-01-02T03:04:05.000Z", node: "v20.0.0", cpu: "a processor" };

function run(rates: Readonly<Record<string, readonly number[]>>): RunFile {
  const rounds = Object.entries(rates).flatMap(([pairing, list]) =>
    list.map((perSecond, round) => ({ row: "headline-100", pairing: pairing as PairingId, round, perSecond })),
  );
  return { environment, rounds };
}

describe("a run beside the recorded one", () => {
  it("has the medians of the rounds' own ratios", () => {
    // A round in which the machine was half as fast for both changes nothing.
    const ratios = ratiosOf(run({ godwit: [100, 50, 90], "grpc-js": [10, 5, 10] }));
    assert.deepEqual([...ratios], [["headline-100: godwit by grpc-js", 10]]);
  });

  it("compares ours to others, whoever was measured first", () => {
    const ratios = ratiosOf(run({ "grpc-js": [10], godwit: [100] }));
    assert.deepEqual([...ratios.keys()], ["headline-100: godwit by grpc-js"]);
  });

  it("compares latencies where the rate is what was offered", () => {
    const openLoop: OpenLoopFigures = { due: 1000, unsent: 0, mostInFlight: 9, lateP50Us: 1, lateP99Us: 2 };
    const rounds = [
      { row: "open-grpc-js-50", pairing: "godwit" as const, round: 0, perSecond: 1000, p99Us: 500, openLoop },
      { row: "open-grpc-js-50", pairing: "grpc-js" as const, round: 0, perSecond: 1000, p99Us: 10_000, openLoop },
    ];
    assert.deepEqual([...ratiosOf({ environment, rounds })], [["open-grpc-js-50: godwit by grpc-js", 20]]);
  });

  it("says by how much a ratio changed, and marks what is much", () => {
    const text = compareRuns(run({ godwit: [75], "grpc-js": [10] }), run({ godwit: [100], "grpc-js": [10] }));
    assert.match(text, /headline-100: godwit by grpc-js +7\.50 +10\.00 +-25 % !!/);
    assert.match(text, /Recorded on 2026-01-02/);
  });

  it("says so where nothing is recorded", () => {
    const text = compareRuns(run({ godwit: [75], "grpc-js": [10] }), undefined);
    assert.match(text, /7\.50 +new\nNothing is recorded\.$/);
  });
});
