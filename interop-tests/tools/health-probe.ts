import assert from "node:assert/strict";
import type { Check } from "./check.js";
import { runTool } from "./run-tool.js";

const echo = "godwit.testing.v1.EchoService";

export const healthProbeChecks: readonly Check[] = [
  {
    name: "grpc-health-probe",
    async run({ tools, door: { address, roots }, health }) {
      const flags = roots === undefined ? [] : ["-tls", `-tls-ca-cert=${roots}`];
      const probe = (...args: string[]) => runTool(tools.healthProbe, [`-addr=${address}`, ...flags, ...args]);
      const whole = await probe();
      assert.deepEqual([whole.exitCode, whole.stderr.trim()], [0, "status: SERVING"]);
      assert.equal((await probe(`-service=${echo}`)).exitCode, 0);
      health.setNotServing(echo);
      const unwell = await probe(`-service=${echo}`);
      health.setServing(echo);
      assert.equal(unwell.exitCode, 4);
      assert.match(unwell.stderr, /NOT_SERVING/);
      const unknown = await probe("-service=no.such.Service");
      assert.equal(unknown.exitCode, 3);
      assert.match(unknown.stderr, /NotFound/);
      return "SERVING, NOT_SERVING, an unknown service";
    },
  },
];
