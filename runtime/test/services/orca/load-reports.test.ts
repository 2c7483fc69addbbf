import assert from "node:assert/strict";
import { createClient, createServer, LoadRecorder, type Server } from "godwit";
import { createLoadReports, OpenRca, type OpenRcaClient } from "godwit/orca";
import { FakePlatform } from "../../support/fake-platform.js";

describe("load reports apart from calls", () => {
  let platform: FakePlatform;
  let recorder: LoadRecorder;
  let server: Server;
  let client: OpenRcaClient;

  beforeEach(() => {
    platform = new FakePlatform();
    recorder = new LoadRecorder();
    server = createServer({ platform }).add(OpenRca, createLoadReports(recorder, { minIntervalMs: 1000, platform }));
    client = createClient(OpenRca, server.inProcess());
  });

  afterEach(async () => {
    const closed = server.close({ graceMs: 0 });
    await platform.settle();
    await closed;
    platform.assertQuiet();
  });

  /** A stream whose reports are collected as they come. */
  function listen(seconds: bigint, nanos = 0) {
    const controller = new AbortController();
    const loads: number[] = [];
    const request = seconds === 0n && nanos === 0 ? {} : { reportInterval: { seconds, nanos } };
    const stream = client.streamCoreMetrics(request, { signal: controller.signal });
    const done = (async () => {
      for await (const report of stream) loads.push(report.cpuUtilization);
    })().catch(() => {});
    const leave = async (): Promise<void> => {
      controller.abort();
      await platform.settle();
      await done;
    };
    return { loads, leave };
  }

  it("come at once, and then at the interval that was asked for", async () => {
    recorder.setCpuUtilization(0.25);
    const { loads, leave } = listen(2n, 500_000_000);
    await platform.settle();
    assert.deepEqual(loads, [0.25]);
    recorder.setCpuUtilization(0.5);
    await platform.advanceAsync(2499);
    assert.deepEqual(loads, [0.25]);
    await platform.advanceAsync(1);
    assert.deepEqual(loads, [0.25, 0.5]);
    await platform.advanceAsync(2500);
    assert.deepEqual(loads, [0.25, 0.5, 0.5], "what has not changed is told again");
    await leave();
  });

  it("come no more often than the smallest interval", async () => {
    for (const [seconds, nanos] of [
      [0n, 0],
      [0n, 1],
      [-5n, 0],
    ] as const) {
      const { loads, leave } = listen(seconds, nanos);
      await platform.settle();
      await platform.advanceAsync(999);
      assert.equal(loads.length, 1);
      await platform.advanceAsync(1);
      assert.equal(loads.length, 2);
      await leave();
    }
  });

  it("end with the client, and nothing of them stays", async () => {
    const { leave } = listen(60n);
    await platform.settle();
    await leave();
    await platform.settle();
    platform.assertQuiet();
  });

  it("have an interval that is a number from 1", () => {
    for (const minIntervalMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(
        () => createLoadReports(recorder, { minIntervalMs }),
        /^TypeError: minIntervalMs is .*: expected a number from 1/,
      );
    }
  });
});
