import assert from "node:assert/strict";
import type { LoadBalancingPolicy } from "../../../src/balancer/load-balancing-policy.js";
import type { PickResult } from "../../../src/balancer/picker.js";
import { PolicyRegistry } from "../../../src/balancer/registry.js";
import type { WeightedRoundRobinConfig } from "../../../src/balancer/weighted-round-robin/config.js";
import { weightedRoundRobin } from "../../../src/balancer/weighted-round-robin/weighted-round-robin.js";
import { CallLoadRecorder } from "../../../src/rpc/load-recorder.js";
import { Metadata } from "../../../src/rpc/metadata.js";
import { OK } from "../../../src/rpc/status.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import type { JsonObject } from "../../../src/service-config/json.js";
import { encodeLoadReport, loadReportKey } from "../../../src/wire/load-report.js";
import { endpoint, endpoints, FakeController, type FakeSubchannel } from "../fake-controller.js";
import { ReportCall } from "../report-call.js";

const path = "serviceConfig.loadBalancingConfig";

function parse(json: JsonObject): WeightedRoundRobinConfig | string {
  const chosen = new PolicyRegistry().source("reject").choose([{ weighted_round_robin: json }], path);
  return "error" in chosen ? chosen.error : (chosen.value.config as WeightedRoundRobinConfig);
}

function config(json: JsonObject = {}): WeightedRoundRobinConfig {
  const parsed = parse(json);
  return typeof parsed === "string" ? assert.fail(parsed) : parsed;
}

describe("the config of weighted_round_robin", () => {
  it("has the defaults of gRFC A58", () => {
    assert.deepEqual(config(), {
      oobReportingPeriodMs: undefined,
      blackoutPeriodMs: 10_000,
      weightExpirationPeriodMs: 180_000,
      weightUpdatePeriodMs: 1000,
      errorUtilizationPenalty: 1,
      metricNames: [],
    });
    assert.equal(config({ enableOobLoadReport: true }).oobReportingPeriodMs, 10_000);
  });

  it("is read as it is written", () => {
    const json = {
      enableOobLoadReport: true,
      oobReportingPeriod: "2.5s",
      blackoutPeriod: "0s",
      weightExpirationPeriod: "60s",
      weightUpdatePeriod: "0.5s",
      errorUtilizationPenalty: 2.5,
      metricNamesForComputingUtilization: ["mem_utilization", "named_metrics.queue.length"],
    };
    assert.deepEqual(config(json), {
      oobReportingPeriodMs: 2500,
      blackoutPeriodMs: 0,
      weightExpirationPeriodMs: 60_000,
      weightUpdatePeriodMs: 500,
      errorUtilizationPenalty: 2.5,
      metricNames: ["mem_utilization", "named_metrics.queue.length"],
    });
    assert.equal(config({ weightUpdatePeriod: "0.01s" }).weightUpdatePeriodMs, 100, "capped from below");
    assert.equal(config({ oobReportingPeriod: "5s" }).oobReportingPeriodMs, undefined, "without effect");
  });

  it("says what is wrong, and where", () => {
    const at = `${path}[0].weighted_round_robin`;
    assert.equal(parse({ blackoutPeriod: 10 }), `${at}.blackoutPeriod is 10: expected a duration such as "1.5s"`);
    assert.equal(parse({ enableOobLoadReport: 1 }), `${at}.enableOobLoadReport is 1: expected true or false`);
    assert.equal(
      parse({ errorUtilizationPenalty: -1 }),
      `${at}.errorUtilizationPenalty is -1: expected a number of 0 or more`,
    );
    assert.equal(
      parse({ metricNamesForComputingUtilization: ["rps"] }),
      `${at}.metricNamesForComputingUtilization has "rps": expected application_utilization, cpu_utilization, mem_utilization or named_metrics.<name>`,
    );
    assert.equal(
      parse({ metricNamesForComputingUtilization: "rps" }),
      `${at}.metricNamesForComputingUtilization is "rps": expected a list of names`,
    );
    assert.match(String(parse({ weight: 1 })), /\.weight is not a field that is known: expected one of enableOob/);
  });
});

describe("weighted_round_robin", () => {
  let controller: FakeController;
  let policy: LoadBalancingPolicy<WeightedRoundRobinConfig>;

  function start(hosts: readonly string[], json: JsonObject = {}): void {
    controller = new FakeController();
    policy = weightedRoundRobin.create(controller);
    policy.onUpdate({ endpoints: endpoints(...hosts), config: config(json) });
    for (const host of hosts) controller.at(`${host}:1`).become("READY");
    controller.takeLog();
  }

  afterEach(() => {
    policy.close();
    controller.platform.assertQuiet();
  });

  /** The names of those that calls go to. */
  function picks(count: number): string {
    return Array.from({ length: count }, () => nameOf(controller.pick())[0]).join("");
  }

  function nameOf(result: PickResult): string {
    return result.kind === "pick" ? result.subchannel.name : assert.fail(`a pick is ${result.kind}`);
  }

  /** A call to each endpoint that ends with its server's report. */
  function callEach(loads: Readonly<Record<string, readonly [qps: number, cpu: number]>>): void {
    const left = new Set(Object.keys(loads));
    while (left.size > 0) {
      const result = controller.pick();
      const host = nameOf(result)[0] as string;
      const [qps, cpu] = loads[host] ?? assert.fail(`a call to ${host}`);
      const report = encodeLoadReport(new CallLoadRecorder().setQps(qps).setCpuUtilization(cpu).report());
      const trailers = new Metadata({ [loadReportKey]: report });
      if (result.kind === "pick") result.observer?.onEnd({ ...OK, trailers });
      left.delete(host);
    }
  }

  it("takes turns while nothing is known", () => {
    start(["a", "b", "c"]);
    const first = picks(6);
    assert.equal(new Set(first.slice(0, 3)).size, 3);
    assert.equal(first.slice(0, 3), first.slice(3));
    controller.platform.advance(5000);
    assert.deepEqual(controller.takeLog(), [], "nothing new to say");
  });

  it("gives calls by weight once reports have come for long enough", () => {
    start(["a", "b"], { blackoutPeriod: "10s" });
    callEach({ a: [100, 0.25], b: [100, 0.75] });
    controller.platform.advance(9999);
    assert.equal(picks(8).replaceAll("b", "").length, 4, "in the blackout period");
    controller.platform.advance(1001);
    assert.equal(controller.takeLog().length, 1, "one picker more");
    assert.equal(picks(8).replaceAll("b", "").length, 6, "three calls of four");
  });

  it("does not look at the weight of an endpoint that is alone", () => {
    start(["a"], { blackoutPeriod: "0s" });
    callEach({ a: [100, 0.25] });
    controller.platform.assertQuiet();
    assert.equal(picks(3), "aaa");
  });

  it("goes back to turns when the reports are too old", () => {
    start(["a", "b"], { blackoutPeriod: "0s", weightExpirationPeriod: "30s" });
    callEach({ a: [100, 0.25], b: [100, 0.75] });
    controller.platform.advance(1000);
    assert.equal(picks(8).replaceAll("b", "").length, 6);
    controller.platform.advance(29_000);
    assert.equal(picks(8).replaceAll("b", "").length, 4);
  });

  it("looks at the weights as often as it was told", () => {
    start(["a", "b"], { blackoutPeriod: "0s", weightUpdatePeriod: "5s" });
    callEach({ a: [100, 0.25], b: [100, 0.75] });
    controller.platform.advance(4999);
    assert.deepEqual(controller.takeLog(), []);
    controller.platform.advance(1);
    assert.equal(controller.takeLog().length, 1);
  });

  it("counts a new endpoint as the mean of the others, and does not forget those", () => {
    start(["a", "b"], { blackoutPeriod: "0s" });
    callEach({ a: [100, 0.25], b: [100, 0.75] });
    policy.onUpdate({ endpoints: endpoints("a", "b", "c"), config: config({ blackoutPeriod: "0s" }) });
    controller.at("c:1").become("READY");
    const picked = picks(1200);
    const share = (host: string): number => picked.replaceAll(new RegExp(`[^${host}]`, "g"), "").length / 1200;
    assert.ok(Math.abs(share("a") - 1 / 2) < 0.01 && Math.abs(share("b") - 1 / 6) < 0.01, picked.slice(0, 60));
    assert.ok(Math.abs(share("c") - 1 / 3) < 0.01);
  });

  it("forgets the weight of an endpoint that is connected anew", () => {
    start(["a", "b"], { blackoutPeriod: "0s" });
    callEach({ a: [100, 0.25], b: [100, 0.75] });
    controller.platform.advance(1000);
    controller.at("a:1").become("IDLE");
    assert.equal(picks(4), "bbbb");
    controller.at("a:1").become("READY");
    assert.equal(picks(8).replaceAll("b", "").length, 4);
  });

  it("waits while it connects, and fails with the reasons of all", () => {
    start([]);
    policy.onUpdate({ endpoints: endpoints("a", "b"), config: config() });
    assert.equal(controller.takeLog().at(-1), "CONNECTING queue");
    controller.at("a:1").fail();
    controller.at("b:1").fail();
    assert.ok(
      controller.takeLog().includes("TRANSIENT_FAILURE fail: connect to a:1 was refused; connect to b:1 was refused"),
    );
    policy.onUpdate({ endpoints: [], config: config() });
    assert.equal(controller.takeLog().includes("TRANSIENT_FAILURE fail: the name was resolved to no address"), true);
    policy.onResolverError({ code: StatusCode.UNAVAILABLE, message: "no such name" });
    assert.deepEqual(controller.takeLog(), ["TRANSIENT_FAILURE fail: no such name"]);
  });

  it("ignores what a server says that is no report", () => {
    start(["a", "b"], { blackoutPeriod: "0s" });
    const result = controller.pick();
    const trailers = new Metadata({ [loadReportKey]: Buffer.from("foo-bar") });
    if (result.kind === "pick") result.observer?.onEnd({ ...OK, trailers });
    controller.platform.advance(1000);
    assert.deepEqual(controller.takeLog(), []);
  });

  describe("with reports apart from calls", () => {
    const outOfBand = { enableOobLoadReport: true, oobReportingPeriod: "5s", blackoutPeriod: "0s" };
    let calls: Map<FakeSubchannel, ReportCall[]>;

    function startWithReports(hosts: readonly string[]): void {
      start([]);
      calls = new Map();
      controller.onInvoke = (on, headers, sink) => {
        const call = new ReportCall(headers, sink);
        calls.set(on, [...(calls.get(on) ?? []), call]);
        return call;
      };
      policy.onUpdate({ endpoints: endpoints(...hosts), config: config(outOfBand) });
      for (const host of hosts) controller.at(`${host}:1`).become("READY");
      controller.takeLog();
    }

    const callsTo = (host: string): ReportCall[] => calls.get(controller.at(`${host}:1`)) ?? [];

    it("weighs by them, and looks at no call's trailers", () => {
      startWithReports(["a", "b"]);
      assert.equal(callsTo("a")[0]?.intervalMs, 5000);
      callsTo("a")[0]?.report(100, 0.25);
      callsTo("b")[0]?.report(100, 0.75);
      controller.platform.advance(1000);
      assert.equal(picks(8).replaceAll("b", "").length, 6);
      const result = controller.pick();
      assert.equal(result.kind === "pick" && result.observer, undefined);
    });

    it("has one stream a connection, for as long as that is READY", () => {
      startWithReports(["a", "b"]);
      const first = controller.at("a:1");
      first.become("IDLE");
      assert.equal(calls.get(first)?.[0]?.cancelled?.code, StatusCode.CANCELLED);
      controller.at("a:1").become("READY");
      assert.notEqual(controller.at("a:1"), first);
      assert.equal(callsTo("a").length, 1);
      assert.equal(callsTo("b").length, 1);
      assert.equal(callsTo("b")[0]?.cancelled, undefined);
    });

    it("goes over to another period, and to reports with calls and back, on the connections that stand", () => {
      startWithReports(["a", "b"]);
      policy.onUpdate({ endpoints: endpoints("a", "b"), config: config({ ...outOfBand, oobReportingPeriod: "7s" }) });
      assert.deepEqual(
        callsTo("a").map((call) => call.intervalMs),
        [5000, 7000],
      );
      assert.deepEqual(
        callsTo("a").map((call) => call.cancelled !== undefined),
        [true, false],
      );
      policy.onUpdate({ endpoints: endpoints("a", "b"), config: config({ blackoutPeriod: "0s" }) });
      assert.deepEqual(
        callsTo("a").map((call) => call.cancelled !== undefined),
        [true, true],
      );
      callEach({ a: [100, 0.25], b: [100, 0.75] });
      controller.platform.advance(1000);
      assert.equal(picks(8).replaceAll("b", "").length, 6);
      policy.onUpdate({ endpoints: endpoints("a", "b"), config: config(outOfBand) });
      assert.equal(callsTo("a").length, 3);
      assert.equal(picks(8).replaceAll("b", "").length, 6, "the weights stay");
    });

    it("ends the streams of endpoints that are gone, and all at its close", () => {
      startWithReports(["a", "b"]);
      policy.onUpdate({ endpoints: endpoints("b"), config: config(outOfBand) });
      assert.notEqual(callsTo("a")[0]?.cancelled, undefined);
      assert.equal(callsTo("b")[0]?.cancelled, undefined);
      policy.close();
      assert.notEqual(callsTo("b")[0]?.cancelled, undefined);
    });

    it("listens on the connection that an endpoint of several addresses has chosen", () => {
      startWithReports([]);
      policy.onUpdate({ endpoints: [endpoint("a", "b")], config: config(outOfBand) });
      controller.at("a:1").fail();
      controller.at("b:1").become("READY");
      assert.equal(callsTo("b").length, 1);
      assert.equal(callsTo("a").length, 0);
    });
  });
});
