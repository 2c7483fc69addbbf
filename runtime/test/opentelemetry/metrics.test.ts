import assert from "node:assert/strict";
import { metricNames } from "../../src/opentelemetry/metric-names.js";
import { openTelemetry } from "../../src/opentelemetry/open-telemetry.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { collect } from "../e2e/loopback.js";
import { type Point, TelemetryPair } from "./telemetry-pair.js";

const method = "godwit.testing.v1.EchoService/Unary";
const target = "ipv4:10.0.0.1:443";
const retry = {
  maxAttempts: 4,
  initialBackoffMs: 100,
  maxBackoffMs: 100,
  backoffMultiplier: 1,
  retryableStatusCodes: [StatusCode.UNAVAILABLE],
};

/** `labels value`, sorted: what a metric says in all. */
function say(points: readonly Point[] | undefined): string[] {
  return (points ?? [])
    .map(({ labels, value }) => `${labels["grpc.status"] ?? "-"} ${labels["grpc.method"] ?? "-"} ${value}`)
    .map((text) => text.replaceAll("godwit.testing.v1.EchoService/", ""))
    .sort();
}

describe("OpenTelemetry metrics (gRFC A66)", () => {
  it("count calls and attempts of success, error, retry, hedge, cancel and deadline as the journal does", async () => {
    let failures = 2;
    let hedged = 0;
    const telemetry = await TelemetryPair.open(
      () => ({
        unary: ({ id }) => {
          if (id === "missing") throw new StatusError(StatusCode.NOT_FOUND, "none");
          if (id === "flaky" && failures-- > 0) throw new StatusError(StatusCode.UNAVAILABLE, "not now");
          return id === "hang" ? new Promise(() => undefined) : {};
        },
        async *serverStream() {
          if (hedged++ === 0) await new Promise(() => undefined);
          yield {};
        },
      }),
      { metrics: "all" },
    );
    const { echo } = telemetry;
    const hedging = { maxAttempts: 2, delayMs: 20, maxExtraLoad: Number.POSITIVE_INFINITY };
    const aborter = new AbortController();
    await telemetry.after(10, echo.unary({ id: "fine" }));
    await telemetry.after(10, echo.unary({ id: "missing" }));
    await telemetry.after(1000, echo.unary({ id: "flaky" }, { retry }));
    await telemetry.after(100, collect(echo.serverStream({}, { hedging })));
    await telemetry.after(100, echo.unary({ id: "hang" }, { timeoutMs: 50 }));
    const cancelled = echo.unary({ id: "hang" }, { signal: aborter.signal });
    await telemetry.after(10, Promise.resolve());
    aborter.abort();
    await telemetry.after(10, cancelled);

    const metrics = await telemetry.sdk.metrics();
    assert.deepEqual(say(metrics.get("grpc.client.call.duration")), [
      "CANCELLED Unary 1",
      "DEADLINE_EXCEEDED Unary 1",
      "NOT_FOUND Unary 1",
      "OK ServerStream 1",
      "OK Unary 2",
    ]);
    assert.deepEqual(say(metrics.get("grpc.client.attempt.started")), ["- ServerStream 2", "- Unary 7"]);
    assert.deepEqual(say(metrics.get("grpc.client.attempt.duration")), [
      "CANCELLED ServerStream 1",
      "CANCELLED Unary 1",
      "DEADLINE_EXCEEDED Unary 1",
      "NOT_FOUND Unary 1",
      "OK ServerStream 1",
      "OK Unary 2",
      "UNAVAILABLE Unary 2",
    ]);
    assert.deepEqual(say(metrics.get("grpc.server.call.started")), ["- ServerStream 2", "- Unary 7"]);
    assert.deepEqual(say(metrics.get("grpc.server.call.duration")), [
      "CANCELLED ServerStream 1",
      "CANCELLED Unary 1",
      "DEADLINE_EXCEEDED Unary 1",
      "NOT_FOUND Unary 1",
      "OK ServerStream 1",
      "OK Unary 2",
      "UNAVAILABLE Unary 2",
    ]);
    const [retries] = metrics.get("grpc.client.call.retries") ?? [];
    assert.deepEqual(
      [retries?.value, retries?.sum, retries?.labels],
      [1, 2, { "grpc.method": method, "grpc.target": target }],
    );
    const [hedges] = metrics.get("grpc.client.call.hedges") ?? [];
    assert.deepEqual([hedges?.value, hedges?.sum], [1, 1]);
    const [delay] = metrics.get("grpc.client.call.retry_delay") ?? [];
    assert.equal(delay?.value, 1);
    assert.ok((delay?.sum ?? 0) > 0.1 && (delay?.sum ?? 0) < 0.3, String(delay?.sum));
    assert.equal(metrics.get("grpc.client.call.transparent_retries"), undefined);
    await telemetry.close();
  });

  it("add up the bytes of an attempt's messages as they went over the wire", async () => {
    const telemetry = await TelemetryPair.open(() => ({ unary: ({ payload }) => ({ payload }) }));
    await telemetry.after(10, telemetry.echo.unary({ payload: new Uint8Array(100) }));
    const metrics = await telemetry.sdk.metrics();
    const sum = (name: string) => metrics.get(name)?.[0]?.sum;
    assert.equal(sum("grpc.client.attempt.sent_total_compressed_message_size"), 102);
    assert.equal(sum("grpc.client.attempt.rcvd_total_compressed_message_size"), 102);
    assert.equal(sum("grpc.server.call.sent_total_compressed_message_size"), 102);
    assert.equal(sum("grpc.server.call.rcvd_total_compressed_message_size"), 102);
    await telemetry.close();
  });

  it("are those of A66 unless others are asked for", async () => {
    const telemetry = await TelemetryPair.open(() => ({ unary: () => ({}) }));
    await telemetry.after(10, telemetry.echo.unary({}));
    assert.deepEqual([...(await telemetry.sdk.metrics()).keys()].sort(), metricNames.slice(0, 9).toSorted());
    await telemetry.close();
    const wrong = ["grpc.calls"] as never;
    assert.throws(
      () => openTelemetry({ metrics: wrong }),
      /metrics names "grpc.calls": expected "all" or names of grpc/,
    );
    const misspelt = { meterprovider: telemetry.sdk.meterProvider } as never;
    assert.throws(
      () => openTelemetry(misspelt),
      /^TypeError: options\.meterprovider does not exist; there are: meterProvider/,
    );
  });

  it("call a method that the server does not have `other`, unless the application wants its name", async () => {
    for (const methodFilter of [undefined, () => true]) {
      const telemetry = await TelemetryPair.open(() => ({}), { methodFilter });
      const server = { stats: openTelemetry({ meterProvider: telemetry.sdk.meterProvider, methodFilter }) };
      server.stats.onServerCall?.({
        method: undefined,
        path: "/a.B/C",
        metadata: undefined as never,
        peer: { address: "x", security: "none" },
        connection: undefined,
      });
      const started = (await telemetry.sdk.metrics()).get("grpc.server.call.started");
      assert.equal(started?.[0]?.labels["grpc.method"], methodFilter === undefined ? "other" : "a.B/C");
      await telemetry.close();
    }
  });

  it("call a target `other` that the application does not want", async () => {
    const telemetry = await TelemetryPair.open(() => ({ unary: () => ({}) }), { targetFilter: () => false });
    await telemetry.after(10, telemetry.echo.unary({}));
    const [started] = (await telemetry.sdk.metrics()).get("grpc.client.attempt.started") ?? [];
    assert.equal(started?.labels["grpc.target"], "other");
    await telemetry.close();
  });

  it("count connections: made, open, lost (gRFC A94)", async () => {
    const telemetry = await TelemetryPair.open(() => ({}), { metrics: "all", disconnectError: true });
    const before = await telemetry.sdk.metrics();
    const value = (metrics: typeof before, name: string) => metrics.get(name)?.[0]?.value;
    assert.equal(value(before, "grpc.subchannel.connection_attempts_succeeded"), 1);
    assert.equal(value(before, "grpc.subchannel.open_connections"), 1);
    await telemetry.pair.close();
    const after = await telemetry.sdk.metrics();
    assert.equal(value(after, "grpc.subchannel.open_connections"), 0);
    const [lost] = after.get("grpc.subchannel.disconnections") ?? [];
    assert.deepEqual(lost?.labels, { "grpc.target": target, "grpc.disconnect_error": "subchannel shutdown" });
    await telemetry.sdk.shutdown();
  });
});
