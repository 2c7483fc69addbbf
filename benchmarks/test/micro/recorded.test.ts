import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRecorded, writeRecorded } from "../../micro/recorded.js";
import { describeRecorded, figureTable } from "../../micro/report.js";

const made = { date: "2026-01-02T03:04:05.000Z", node: "v20.0.0", cpu: "a processor", command: "bench" };
const own = {
  calibrationNs: 400.123,
  figures: new Map([
    ["a/b", { ratio: 0.5, nanoseconds: 200, bytes: 0 }],
    ["a/b other", { ratio: 2, nanoseconds: 800, bytes: 96.4 }],
    ["a/c", { ratio: 1.234567, nanoseconds: 493.8, bytes: 31.6 }],
  ]),
};

describe("recorded figures of micro benchmarks", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "micro-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("come back as they were written, rounded", () => {
    const file = join(folder, "recorded.json");
    assert.equal(readRecorded(file), undefined);
    writeRecorded(file, made, own);
    const recorded = readRecorded(file);
    assert.equal(recorded?.date, made.date);
    assert.equal(recorded?.calibrationNs, 400.1);
    assert.deepEqual(recorded?.figures["a/c"], { ratio: 1.235, nanoseconds: 493.8, bytes: 32 });
  });

  it("stand beside what is measured, and the peer beside ours", () => {
    const measured = [
      { id: "a/b", peer: null },
      { id: "a/b", peer: "other" },
      { id: "a/c", peer: null },
    ].map((each) => ({ ...each, operation: "", ratio: 0, nanoseconds: 0, bytes: 0 }));
    const recorded = { ...made, calibrationNs: 400, figures: { "a/b": { ratio: 0.4, nanoseconds: 160, bytes: 0 } } };
    const [, , first, second] = figureTable({ measured, own, other: undefined, recorded }).split("\n");
    assert.match(first ?? "", /^a\/b +200 ns +0 +0\.500 +\+25 % !! +other 4\.0x$/);
    assert.match(second ?? "", /^a\/c +494 ns +32 +1\.235 +new/);
  });

  it("say where they were made, and that other machines differ", () => {
    const recorded = { ...made, calibrationNs: 400, figures: {} };
    assert.equal(describeRecorded(recorded, made), "Recorded on 2026-01-02 with Node v20.0.0 on a processor.");
    assert.match(describeRecorded(recorded, { ...made, cpu: "another" }), /Here: Node v20\.0\.0 on another/);
    assert.match(describeRecorded(undefined, made), /^Nothing is recorded/);
  });
});
