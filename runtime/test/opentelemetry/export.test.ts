import assert from "node:assert/strict";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { StatusCode, StatusError } from "godwit";
import { openTelemetry } from "godwit/opentelemetry";
import { failureOf, openLoopback } from "../e2e/loopback.js";
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
    const journal = { OK: 0, NOT_FOUND: 0 };
    {
      await using loopback = await openLoopback({
        channel: { stats },
        server: { stats },
        handlers: {
          unary: ({ id }) => {
            if (id === "") throw new StatusError(StatusCode.NOT_FOUND, "none");
            return { id };
          },
        },
      });
      for (let i = 0; i < 20; i++, journal.OK++) await loopback.echo.unary({ id: String(i + 1) });
      for (let i = 0; i < 5; i++, journal.NOT_FOUND++) await failureOf(loopback.echo.unary({}), StatusCode.NOT_FOUND);
      await meterProvider.forceFlush();
      await tracerProvider.forceFlush();

      const target = `dns:///${loopback.address}`;
      const client = (code: string) => ({ "grpc.method": method, "grpc.target": target, "grpc.status": code });
      const server = (code: string) => ({ "grpc.method": method, "grpc.status": code });
      const value = (name: string, labels: object) => collector.values.get(`${name} ${JSON.stringify(labels)}`);
      for (const [code, calls] of Object.entries(journal)) {
        assert.equal(value("grpc.client.call.duration", client(code)), calls, [...collector.values.keys()].join("\n"));
        assert.equal(value("grpc.client.attempt.duration", client(code)), calls);
        assert.equal(value("grpc.server.call.duration", server(code)), calls);
      }
      const spansOf = (prefix: string) => collector.spans.filter(({ name }) => name.startsWith(prefix));
      for (const prefix of ["Sent.", "Attempt.", "Recv."]) assert.equal(spansOf(prefix).length, 25, prefix);
      assert.equal(spansOf("Recv.").filter(({ status }) => status?.message === "NOT_FOUND: none").length, 5);

      const page = await scrape(prometheus);
      const line = `grpc_server_call_duration_count{grpc_method="${method}",grpc_status="OK"`;
      const shown = page.split("\n").find((text) => text.startsWith(line));
      assert.equal(Number(shown?.slice(shown.indexOf("} ") + 2).split(" ")[0]), journal.OK, page);
    }
    await tracerProvider.shutdown();
    await meterProvider.shutdown();
  });
});

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
