import assert from "node:assert/strict";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { StatusCode, StatusError, statusCodeName } from "godwit";
import { openTelemetry } from "godwit/opentelemetry";
import { collect, deferred, openLoopback } from "../e2e/loopback.js";
import { OtlpCollector } from "./otlp-collector.js";

const method = "godwit.testing.v1.EchoService/Unary";

describe("telemetry that leaves the process", () => {
  it("arrives by OTLP over our own client, and at a Prometheus page, as the journal of calls has it", async () => {
    await using collector = await OtlpCollector.start();
    const prometheus = new PrometheusExporter({ port: 0, host: "127.0.0.1", preventServerStart: true });
    const readers = [
      new PeriodicExportingMetricReader({ exporter: collector.metricExporter, exportIntervalMillis: 2 ** 30 }),
      prometheus,
    ];
    const meterProvider = new MeterProvider({ readers });
    const tracerProvider = new BasicTracerProvider({
      spanProcessors: [new BatchSpanProcessor(collector.traceExporter, { scheduledDelayMillis: 2 ** 30 })],
    });
    const stats = openTelemetry({ meterProvider, tracerProvider });
    const journal = new Journal();
    let target = "";
    {
      const started = deferred();
      let flaky = 2;
      let hedged = 0;
      await using loopback = await openLoopback({
        channel: { stats },
        server: { stats },
        handlers: {
          unary: ({ id }) => {
            if (id === "missing") throw new StatusError(StatusCode.NOT_FOUND, "none");
            if (id === "flaky" && flaky-- > 0) throw new StatusError(StatusCode.UNAVAILABLE, "not now");
            if (id === "cancelled") started.resolve();
            return id === "late" || id === "cancelled" ? new Promise(() => undefined) : { id };
          },
          async *serverStream() {
            if (hedged++ === 0) await new Promise(() => undefined);
            yield {};
          },
        },
      });
      const { echo } = loopback;
      target = `dns:///${loopback.address}`;
      for (let i = 0; i < 20; i++) await journal.write("Unary", ["OK"], echo.unary({ id: "fine" }));
      for (let i = 0; i < 5; i++) await journal.write("Unary", ["NOT_FOUND"], echo.unary({ id: "missing" }));
      const retry = { maxAttempts: 4, initialBackoffMs: 1, retryableStatusCodes: [StatusCode.UNAVAILABLE] };
      await journal.write("Unary", ["UNAVAILABLE", "UNAVAILABLE", "OK"], echo.unary({ id: "flaky" }, { retry }));
      await journal.write("Unary", ["DEADLINE_EXCEEDED"], echo.unary({ id: "late" }, { timeoutMs: 20 }));
      const hedging = { maxAttempts: 2, delayMs: 5, maxExtraLoad: Number.POSITIVE_INFINITY };
      await journal.write("ServerStream", ["CANCELLED", "OK"], collect(echo.serverStream({}, { hedging })));
      const aborter = new AbortController();
      const cancelled = journal.write(
        "Unary",
        ["CANCELLED"],
        echo.unary({ id: "cancelled" }, { signal: aborter.signal }),
      );
      await started.promise;
      aborter.abort();
      await cancelled;
    }
    await meterProvider.forceFlush();
    await tracerProvider.forceFlush();

    assert.deepEqual(collector.counts("grpc.client.call.duration", { "grpc.target": target }), journal.calls);
    assert.deepEqual(collector.counts("grpc.client.attempt.duration", { "grpc.target": target }), journal.attempts);
    // At a deadline it is chance which side is first to end the call on the server.
    const onServer = collector.counts("grpc.server.call.duration", {});
    assert.deepEqual(withoutLate(onServer), withoutLate(journal.attempts));
    assert.deepEqual(
      Object.fromEntries(["Sent", "Attempt", "Recv"].map((prefix) => [prefix, collector.spansOf(prefix)])),
      {
        Sent: journal.calls,
        Attempt: journal.attempts,
        Recv: collector.counts("grpc.server.call.duration", {}),
      },
    );
    {
      const page = await scrape(prometheus);
      const line = `grpc_server_call_duration_count{grpc_method="${method}",grpc_status="OK"`;
      const shown = page.split("\n").find((text) => text.startsWith(line));
      assert.equal(Number(shown?.slice(shown.indexOf("} ") + 2).split(" ")[0]), 21, page);
    }
    await tracerProvider.shutdown();
    await meterProvider.shutdown();
  });
});

type Counts = Readonly<Record<string, number>>;

/** What the test itself knows of its calls: `method code`, and how often. */
class Journal {
  readonly calls: Record<string, number> = {};
  readonly attempts: Record<string, number> = {};

  /** @param codes Of the attempts in the order in which they end. The last is the call's. */
  async write(method: string, codes: readonly string[], call: Promise<unknown>): Promise<void> {
    const code = await call.then(
      () => "OK",
      (error: unknown) => (error instanceof StatusError ? statusCodeName(error.code) : String(error)),
    );
    assert.equal(code, codes.at(-1));
    count(this.calls, `${method} ${code}`);
    for (const each of codes) count(this.attempts, `${method} ${each}`);
  }
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

function withoutLate(counts: Counts): Counts {
  const late = (counts["Unary DEADLINE_EXCEEDED"] ?? 0) + (counts["Unary CANCELLED"] ?? 0);
  const { "Unary DEADLINE_EXCEEDED": _, "Unary CANCELLED": __, ...rest } = counts;
  return { ...rest, "late or cancelled": late };
}

/** The page as Prometheus would get it, from a server that is there for this alone. */
async function scrape(exporter: PrometheusExporter): Promise<string> {
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => exporter.getMetricsRequestHandler(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: "close" } });
    return await answer.text();
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}
