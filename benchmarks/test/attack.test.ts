import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Result } from "../attack/result.js";

const script = fileURLToPath(new URL("../attack/run.js", import.meta.url));

/** Exit code 1 is that of a gate that is not met: a run as short as this says nothing of gates. */
const ran = [0, 1];

async function attack(name: string): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "godwit-attack-"));
  try {
    const json = join(folder, "attack.json");
    const args = [script, name, "--seconds", "0.5", "--subjects", "ours", "--json", json];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    const [code] = await once(child, "exit");
    assert.ok(ran.includes(code), `the bench ended with ${code}`);
    const { benches } = JSON.parse(await readFile(json, "utf8"));
    return benches[0].results[0];
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Four processes start and end for each: much of it is waiting for a processor. */
const timeoutMs = 60_000;

describe("attack benches", function () {
  this.timeout(timeoutMs);

  it("attack a server that lives on, with a healthy client beside", async () => {
    const { lost, loads, tallies, probe } = await attack("rapid-reset/once");
    assert.equal(lost, undefined);
    assert.ok((loads.under?.answered ?? 0) > 0, "nothing was answered under attack");
    assert.ok((tallies[0]?.units ?? 0) > 0, "nothing was attacked");
    assert.equal(tallies[0]?.error, undefined);
    assert.equal(probe?.error, undefined);
  });

  it("attack a client that lives on and whose calls end with a status", async () => {
    const { lost, attacked, tallies } = await attack("malicious-server/reset-each");
    assert.equal(lost, undefined);
    assert.equal(attacked?.unended, 0);
    assert.equal(attacked?.ended["untyped"], undefined);
    assert.ok((tallies[0]?.units ?? 0) > 0, "nothing was attacked");
  });
});
