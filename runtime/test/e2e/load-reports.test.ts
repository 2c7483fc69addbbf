import assert from "node:assert/strict";
import {
  type Channel,
  type ChannelOptions,
  createChannel,
  createClient,
  createServer,
  insecure,
  LoadRecorder,
  type Server,
  StatusCode,
  StatusError,
} from "godwit";
import { createLoadReports, OpenRca } from "godwit/orca";
import { EchoService, type EchoServiceClient } from "../gen/godwit/testing/v1/echo_godwit.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { echoHandlers } from "./loopback.js";

/** One of several servers behind a channel. */
class Backend {
  readonly name: string;
  readonly recorder = new LoadRecorder();
  readonly server: Server;
  calls = 0;
  failing = false;
  port = 0;

  constructor(name: string, reports: "with calls" | "apart from calls") {
    this.name = name;
    this.server = createServer(reports === "with calls" ? { loadRecorder: this.recorder } : {});
    this.server.add(EchoService, {
      ...echoHandlers,
      unary: (request) => {
        this.calls++;
        if (this.failing) throw new StatusError(StatusCode.INTERNAL, "broken");
        return { id: request.id === "" ? this.name : request.id };
      },
    });
    if (reports === "apart from calls") {
      this.server.add(OpenRca, createLoadReports(this.recorder, { minIntervalMs: 10 }));
    }
  }
}

describe("e2e: policies that learn from calls", () => {
  checkRejections();
  let backends: Backend[];
  let channel: Channel;
  let echo: EchoServiceClient;

  async function open(reports: "with calls" | "apart from calls", options: ChannelOptions): Promise<void> {
    backends = ["a", "b", "c"].map((name) => new Backend(name, reports));
    for (const backend of backends) backend.port = (await backend.server.listen("127.0.0.1:0")).port;
    const list = backends.map(({ port }) => `127.0.0.1:${port}`).join(",");
    channel = createChannel(`ipv4:${list}`, { credentials: insecure(), ...options });
    echo = createClient(EchoService, channel);
  }

  afterEach(async () => {
    await channel.close();
    await Promise.all(backends.map(({ server }) => server.close({ graceMs: 0 })));
  });

  async function callMany(count: number): Promise<void> {
    for (const backend of backends) backend.calls = 0;
    for (let i = 0; i < count; i++) await echo.unary({ id: "x" }, { waitForReady: true }).catch(() => undefined);
  }

  /** Calls until the shares are as expected. */
  async function callUntil(isExpected: (shares: readonly number[]) => boolean): Promise<void> {
    for (let round = 0; round < 100; round++) {
      await callMany(200);
      if (isExpected(backends.map(({ calls }) => calls / 200))) return;
    }
    assert.fail(`of 200 calls the servers have ${backends.map(({ calls }) => calls).join(", ")} in the end`);
  }

  const isNear = (share: number | undefined, expected: number): boolean =>
    share !== undefined && Math.abs(share - expected) < 0.03;

  it("weighted_round_robin weighs by the reports that come with calls", async () => {
    const weighted_round_robin = { blackoutPeriod: "0s", weightUpdatePeriod: "0.1s" };
    await open("with calls", { loadBalancing: { weighted_round_robin } });
    for (const [i, { recorder }] of backends.entries()) recorder.setQps(100).setCpuUtilization(i === 0 ? 0.1 : 0.2);
    await callUntil(([a, b, c]) => isNear(a, 0.5) && isNear(b, 0.25) && isNear(c, 0.25));
    backends[0]?.recorder.setCpuUtilization(0.8);
    await callUntil(([a, b, c]) => isNear(a, 1 / 9) && isNear(b, 4 / 9) && isNear(c, 4 / 9));
  });

  it("weighted_round_robin weighs by the reports that come apart from calls", async () => {
    const weighted_round_robin = {
      enableOobLoadReport: true,
      oobReportingPeriod: "0.01s",
      blackoutPeriod: "0s",
      weightUpdatePeriod: "0.1s",
    };
    await open("apart from calls", { loadBalancing: { weighted_round_robin } });
    for (const [i, { recorder }] of backends.entries()) recorder.setQps(100).setCpuUtilization(i === 0 ? 0.1 : 0.2);
    await callUntil(([a, b, c]) => isNear(a, 0.5) && isNear(b, 0.25) && isNear(c, 0.25));
  });

  it("weighted_round_robin is round_robin where servers report nothing, or know no such service", async () => {
    await open("with calls", { loadBalancing: { weighted_round_robin: { enableOobLoadReport: true } } });
    await callUntil(([a, b, c]) => isNear(a, 1 / 3) && isNear(b, 1 / 3) && isNear(c, 1 / 3));
  });

  it("outlier_detection gives no calls to a server that fails, for a while", async () => {
    const outlier_detection = {
      interval: "0.05s",
      baseEjectionTime: "0.2s",
      maxEjectionPercent: 50,
      failurePercentageEjection: { threshold: 50, minimumHosts: 2, requestVolume: 5 },
      childPolicy: [{ round_robin: {} }],
    };
    await open("with calls", { loadBalancing: { outlier_detection } });
    await callUntil(([a, b, c]) => isNear(a, 1 / 3) && isNear(b, 1 / 3) && isNear(c, 1 / 3));
    const [, bad] = backends;
    if (bad !== undefined) bad.failing = true;
    await callUntil(([a, b]) => b === 0 && isNear(a, 1 / 2));
    if (bad !== undefined) bad.failing = false;
    await callUntil(([a, b, c]) => isNear(a, 1 / 3) && isNear(b, 1 / 3) && isNear(c, 1 / 3));
  });

  it("ring_hash keeps a value with its server, and goes on when that is gone", async () => {
    await open("with calls", { loadBalancing: { ring_hash: { requestHashHeader: "x-user" } } });
    const serverOf = async (user: string): Promise<string> =>
      (await echo.unary({}, { metadata: { "x-user": user }, waitForReady: true })).id;
    const users = Array.from({ length: 30 }, (_, i) => `user ${i}`);
    const before = await Promise.all(users.map(serverOf));
    assert.equal(new Set(before).size, 3, "they are spread");
    assert.deepEqual(await Promise.all(users.map(serverOf)), before);
    const gone = backends.find(({ name }) => name === before[0]) as Backend;
    await gone.server.close({ graceMs: 0 });
    const after = await Promise.all(users.map(serverOf));
    for (const [i, name] of after.entries()) {
      if (before[i] === gone.name) assert.notEqual(name, gone.name);
      else assert.equal(name, before[i], "the others stay where they were");
    }
  });
});
