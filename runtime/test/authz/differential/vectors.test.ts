import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { askUs } from "./compare.js";
import { oracleTable } from "./oracle-table.js";

/** What grpc-go said: `invalid`, or a letter for each call. */
type Vectors = Readonly<Record<string, string>>;

const file = fileURLToPath(new URL("../../../../test/authz/differential/vectors.json", import.meta.url));
const vectors = JSON.parse(readFileSync(file, "utf8")) as Vectors;

describe("authz: verdicts of grpc-go", () => {
  it("are recorded for each row of the table", () => {
    assert.deepEqual(Object.keys(vectors).sort(), oracleTable.map(({ title }) => title).sort());
  });

  for (const { title, policy, calls, refusedWith, decidedAs } of oracleTable) {
    const difference = refusedWith === undefined ? decidedAs?.why : "but for a policy that we refuse";
    it(`are ours: ${title}${difference === undefined ? "" : ` (${difference})`}`, () => {
      const theirs = vectors[title] ?? "";
      const ours = askUs(policy, calls);
      if ("error" in ours) {
        if (refusedWith === undefined) assert.equal(theirs, "invalid", ours.error);
        else assert.ok(ours.error.includes(refusedWith) && theirs !== "invalid", ours.error);
        return;
      }
      const found = ours.verdicts.map(({ allowed }) => (allowed ? "A" : "D")).join("");
      const expected = decidedAs?.verdicts.map((allowed) => (allowed ? "A" : "D")).join("");
      assert.equal(found, expected ?? theirs);
      if (expected !== undefined) assert.notEqual(expected, theirs);
    });
  }
});
