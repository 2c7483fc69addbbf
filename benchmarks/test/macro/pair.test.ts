import assert from "node:assert/strict";
import { Pair } from "../../macro/pair.js";
import type { PairingId } from "../../macro/pairings.js";
import type { Workload } from "../../macro/rows.js";
import { isGoPeerBuilt } from "../../peers/grpc-go/build-peer.js";

const workloads: readonly Workload[] = [
  { kind: "unary", inFlight: 5, payloadBytes: 64, headline: true },
  { kind: "unary", inFlight: 5, payloadBytes: 64, headline: false },
  { kind: "unary", inFlight: 2, payloadBytes: 1024 * 1024, headline: false },
  { kind: "serverStream", messages: 10, payloadBytes: 64 },
  { kind: "clientStream", messages: 10, payloadBytes: 64 },
  { kind: "pingPong", inFlight: 5, payloadBytes: 64 },
];

/** Every kind of load, for a moment. */
async function measuresAll(pairing: PairingId): Promise<void> {
  const pair = await Pair.start(pairing, undefined, undefined);
  try {
    for (const workload of workloads) {
      const measured = await pair.measure(workload, 5);
      assert.ok(measured.operations > 0 && measured.elapsedMs > 0, JSON.stringify(measured));
      assert.ok(measured.clientCpuUs > 0 && measured.serverCpuUs > 0, JSON.stringify(measured));
      const isWaitedFor = workload.kind === "unary" || workload.kind === "pingPong";
      assert.equal(measured.p50Us !== undefined, isWaitedFor);
      if (isWaitedFor) {
        const { p50Us = 0, p99Us = 0, p999Us = 0 } = measured;
        assert.ok(p50Us > 0 && p50Us <= p99Us && p99Us <= p999Us, JSON.stringify(measured));
      }
    }
    const { operations, client, server } = await pair.measureMemory(workloads[0] as Workload, 5);
    assert.ok(operations > 0);
    for (const side of [client, server]) assert.ok(side.allocatedBytes > 0 && side.rssBytes > 1e6);
    const unknown = { kind: "unheard-of", payloadBytes: 0 } as unknown as Workload;
    await assert.rejects(pair.measure(unknown, 5), /there is no workload "unheard-of"/);
  } finally {
    await pair.stop();
  }
}

describe("Pair", function () {
  this.timeout(60_000);

  it("measures godwit", () => measuresAll("godwit"));

  const ifBuilt = isGoPeerBuilt() ? it : it.skip;
  const without = isGoPeerBuilt() ? "" : " (not built here: npm run bench does it where there is Go)";
  for (const pairing of ["grpc-go", "grpc-go/godwit", "godwit/grpc-go"] as const) {
    ifBuilt(`measures ${pairing}${without}`, () => measuresAll(pairing));
  }
});
