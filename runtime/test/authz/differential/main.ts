/**
 * `npm run authz:differential`: the table of vectors.test.ts and random policies and calls, decided by grpc-go and by us. Needs Go.
 * `-- --policies N --seed N`; `--record` writes down what grpc-go says of the table.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { mulberry32 } from "../../wire/mulberry32.js";
import { RandomPolicies } from "../random-policy.js";
import { askUs, type OurVerdict } from "./compare.js";
import { askOracle, buildOracle, type OracleAnswer } from "./oracle.js";
import { oracleTable } from "./oracle-table.js";
import { RandomQuestions } from "./random-questions.js";

const { values } = parseArgs({
  options: {
    policies: { type: "string", default: "5000" },
    seed: { type: "string", default: "59" },
    record: { type: "boolean", default: false },
  },
});
const file = fileURLToPath(new URL("../../../../test/authz/differential/vectors.json", import.meta.url));

function told(answer: OracleAnswer): string {
  if (answer.error !== undefined) return "invalid";
  return (answer.verdicts ?? []).map(({ allowed }) => (allowed ? "A" : "D")).join("");
}

function checkTable(): void {
  const answers = askOracle(oracleTable.map(({ policy, calls }) => ({ policy, calls })));
  const vectors = Object.fromEntries(oracleTable.map(({ title }, i) => [title, told(answers[i] as OracleAnswer)]));
  if (values.record) writeFileSync(file, `${JSON.stringify(vectors, undefined, 2)}\n`);
  assert.deepEqual(vectors, JSON.parse(readFileSync(file, "utf8")), "grpc-go decides otherwise than was recorded");
  console.log(`${oracleTable.length} rows of the table: as recorded`);
}

function checkRandom(seed: number, count: number): void {
  const random = new RandomQuestions(new RandomPolicies(mulberry32(seed)), mulberry32(~seed));
  const questions = Array.from({ length: count }, () => random.question());
  let calls = 0;
  let allowed = 0;
  for (const [i, answer] of askOracle(questions).entries()) {
    const question = questions[i] as (typeof questions)[number];
    const about = `seed ${seed}, policy ${i}: ${JSON.stringify(question)}`;
    const ours = askUs(question.policy, question.calls);
    assert.ok(!("error" in ours), `${about}: ${"error" in ours ? ours.error : ""}`);
    assert.equal(answer.error, undefined, about);
    for (const [c, theirs] of (answer.verdicts ?? []).entries()) {
      const our: OurVerdict | undefined = ours.verdicts[c];
      assert.equal(our?.allowed, theirs.allowed, `${about}, call ${c}`);
      assert.equal(our?.events, theirs.events, `${about}, call ${c}: events of the audit log`);
      // Which of several rules that match it names is left to chance in grpc-go.
      assert.equal(our?.rule === "", theirs.rule === "", `${about}, call ${c}: ${our?.rule}, ${theirs.rule}`);
      calls++;
      if (theirs.allowed) allowed++;
    }
  }
  console.log(`${count} random policies, ${calls} calls, ${allowed} of them allowed: decided alike (seed ${seed})`);
}

buildOracle();
checkTable();
checkRandom(Number(values.seed), Number(values.policies));
