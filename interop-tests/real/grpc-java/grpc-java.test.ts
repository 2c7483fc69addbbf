/** Clients of grpc-java under a rolling restart of our servers. */
import assert from "node:assert/strict";
import process from "node:process";
import { Fleet, failuresOfRestart } from "../../support/fleet.js";
import { LoadProcess } from "../../support/load-process.js";

const variable = "GODWIT_JAVA_CLIENT";
/** A server that was found gone is asked again after a second, ± 20 %: grpc-java has no option for that. */
const pauseMs = 2_000;

describe("grpc-java's client, our server", function () {
  this.timeout(60_000);

  for (const policy of ["pick_first", "round_robin"]) {
    it(`loses no call to a rolling restart with ${policy}`, async () => {
      const program = process.env[variable];
      assert.ok(program !== undefined, `${variable} is not set: npm run real -- grpc-java sets it`);
      await using fleet = new Fleet();
      await fleet.start();
      const load = new LoadProcess("java", [...JSON.parse(program), "load", fleet.addresses, policy, "20"]);
      assert.deepEqual(await failuresOfRestart(fleet, load, policy !== "pick_first", pauseMs), []);
    });
  }
});
