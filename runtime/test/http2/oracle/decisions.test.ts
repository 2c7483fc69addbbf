import assert from "node:assert/strict";
import { isKnown } from "./divergences.js";
import { decideNodes } from "./node-decision.js";
import { decideOurs } from "./our-decision.js";
import { createProbe } from "./probe.js";

const seeds = 1500;

describe("Http2Session and node:http2 decide the same", () => {
  for (const prober of ["client", "server"] as const) {
    it(`about ${seeds} ${prober}s, but for the divergences that are listed`, async () => {
      const unknown: string[] = [];
      const counts = { accept: 0, "stream error": 0, "connection error": 0 };
      for (let seed = 1; seed <= seeds; seed++) {
        const probe = createProbe(prober, seed);
        const ours = decideOurs(prober, probe);
        const nodes = await decideNodes(prober, probe);
        counts[ours.kind]++;
        if (ours.kind === nodes.kind || isKnown(probe, ours, nodes)) continue;
        const what = `seed ${seed}, ${probe.state}: ${probe.words.join("; ")}`;
        unknown.push(`${what}: ours ${ours.kind} ${ours.code}, node's ${nodes.kind} ${nodes.code}`);
      }
      assert.deepEqual(unknown, []);
      for (const [kind, count] of Object.entries(counts)) assert.ok(count > seeds / 20, `${kind}: ${count}`);
    });
  }
});
