import assert from "node:assert/strict";
import process from "node:process";
import type { CaseName } from "../official/all-cases.js";
import type { Outcome } from "./cell.js";
import { runClientProgram } from "./client-program.js";

/** Passes what ends in `unary`, fails what ends in `stream`, cannot do soaks, and dies in all else. */
const script = `
for (const name of process.argv.at(-1).split("=")[1].split(",")) {
  console.log("begin " + name);
  if (name.endsWith("unary")) console.log("ok " + name);
  else if (name.endsWith("stream")) console.log("failed " + name + ": no message came");
  else if (name.endsWith("soak")) console.log("cannot " + name + ": no time");
  else { console.error("out of memory"); process.exit(7); }
}`;

async function outcomesOf(...cases: CaseName[]): Promise<Partial<Record<CaseName, Outcome>>> {
  const outcomes: Partial<Record<CaseName, Outcome>> = {};
  const program = { command: process.execPath, args: ["-e", script, "--"] };
  await runClientProgram(program, [], cases, (name, outcome) => {
    assert.ok(!Object.hasOwn(outcomes, name), `${name} has one outcome`);
    outcomes[name] = outcome;
  });
  return outcomes;
}

describe("matrix: client program", () => {
  it("says of each case how it went", async () => {
    assert.deepEqual(await outcomesOf("empty_unary", "empty_stream", "rpc_soak"), {
      empty_unary: { kind: "ok" },
      empty_stream: { kind: "failed", reason: "no message came" },
      rpc_soak: { kind: "cannot", reason: "no time" },
    });
  });

  it("that ends within a case has failed it, and another runs the rest", async () => {
    const reason = "the process ended with 7: out of memory";
    assert.deepEqual(await outcomesOf("empty_unary", "ping_pong", "large_unary", "orca_oob"), {
      empty_unary: { kind: "ok" },
      ping_pong: { kind: "failed", reason },
      large_unary: { kind: "ok" },
      orca_oob: { kind: "failed", reason },
    });
  });

  it("that is not there has failed every case", async () => {
    const outcomes: Outcome[] = [];
    const program = { command: "/there/is/no/such/program", args: [] };
    await runClientProgram(program, [], ["empty_unary", "ping_pong"], (_, outcome) => outcomes.push(outcome));
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ["failed", "failed"],
    );
  });
});
