import assert from "node:assert/strict";
import { readGoStream } from "../grpc-go/go-client.js";
import { builtGoClient } from "../grpc-go/install.js";
import { startOurServer } from "../ours/our-server.js";
import { Fleet, failuresOfRestart } from "../support/fleet.js";
import { LoadProcess } from "../support/load-process.js";

const client = builtGoClient() ?? "";
const suite = client === "" ? describe.skip : describe;
const reason = client === "" ? " (skipped: it is not built, `npm run interop:go` does that)" : "";

suite(`grpc-go's client, our server${reason}`, function () {
  this.timeout(60_000);

  it("measures bandwidth with PINGs as it likes: they are no strikes", async () => {
    const errors: string[] = [];
    // Were a PING judged by the clock alone, the second would be one too many.
    const keepalive = { minPingIntervalMs: Number.POSITIVE_INFINITY };
    await using server = await startOurServer(
      {},
      { keepalive, onConnectionError: (error) => errors.push(error.message) },
    );
    const pings: number[] = [];
    const watch = setInterval(() => pings.push(server.server.connections()[0]?.counters.pings ?? 0), 5);
    const said = await readGoStream(client, server.port, 3000, 50_000);
    clearInterval(watch);
    assert.match(said, /^3000 messages, 1500\d{5} bytes$/);
    assert.deepEqual(errors, []);
    assert.ok(Math.max(...pings) > 3, `${Math.max(...pings)} PINGs came, expected enough of them to be too many`);
  });

  for (const policy of ["pick_first", "round_robin"]) {
    it(`loses no call to a rolling restart with ${policy}`, async () => {
      await using fleet = new Fleet();
      await fleet.start();
      const load = new LoadProcess(client, ["load", fleet.addresses, policy, "20"]);
      assert.deepEqual(await failuresOfRestart(fleet, load, policy !== "pick_first"), []);
    });
  }
});
