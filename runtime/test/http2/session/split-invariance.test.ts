import assert from "node:assert/strict";
import { reportFailure } from "../../fuzz/failure-report.js";
import { FuzzLoop } from "../../fuzz/fuzz-loop.js";
import { SplitsTarget } from "../../fuzz/targets/splits/splits-target.js";
import { TurnsTarget } from "../../fuzz/targets/turns/turns-target.js";

/** Plays connections of a target, of which enough must come to something. `npm run fuzz` plays more of them. */
function play(target: SplitsTarget | TurnsTarget, name: string, connections: number): void {
  const loop = new FuzzLoop(target, { seed: 1, distinctLogBits: 16 });
  while (loop.inputs < connections) {
    const failure = loop.step(connections - loop.inputs);
    if (failure === undefined) continue;
    assert.fail(reportFailure(target, failure, `npm run fuzz -- --target ${name} --input`).join("\n"));
  }
  assert.ok(target.lively > connections / 8, `${target.lively} connections had more than a few events`);
}

describe("how the bytes of a connection come makes no difference", () => {
  it("to a session, of either role: whole, octet by octet, cut at random", () => {
    play(new SplitsTarget(), "splits", 2500);
  }).timeout(60_000);

  it("to the calls of a server and of a client, and to what is held: with any budgets of a turn, and any turns", () => {
    play(new TurnsTarget(), "turns", 1000);
  }).timeout(60_000);
});
