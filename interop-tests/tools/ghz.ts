import assert from "node:assert/strict";
import type { Check } from "./check.js";
import { runTool } from "./run-tool.js";

const calls = 2000;

export const ghzChecks: readonly Check[] = [
  {
    name: "ghz",
    async run({ tools, door: { address, roots } }) {
      const security = roots === undefined ? ["--insecure"] : ["--cacert", roots];
      const load = ["-n", String(calls), "-c", "20", "-d", '{"id": "7"}', "--format", "json"];
      const args = [...security, "--call", "godwit.testing.v1.EchoService/Unary", ...load, address];
      const { exitCode, stdout, stderr } = await runTool(tools.ghz, args);
      assert.equal(exitCode, 0, stderr);
      const { count, statusCodeDistribution } = JSON.parse(stdout) as {
        count: number;
        statusCodeDistribution: Record<string, number>;
      };
      assert.deepEqual([count, statusCodeDistribution], [calls, { OK: calls }]);
      return `${calls} calls by reflection, all of them OK`;
    },
  },
];
