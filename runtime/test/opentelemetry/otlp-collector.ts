/** OTLP over our own gRPC: exporters of the SDK whose bytes our client carries, and a server that counts what comes. */
import { fromBinary } from "@bufbuild/protobuf";
import { ProtobufMetricsSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import {
  AggregationTemporality,
  type PushMetricExporter,
  type ResourceMetrics as SdkResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace-base";
import { type Channel, createChannel, createClient, createServer, insecure, type Server } from "godwit";
import { MetricsService } from "../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_godwit.js";
import { ExportMetricsServiceRequestSchema } from "../gen/opentelemetry/proto/collector/metrics/v1/metrics_service_pb.js";
import { TraceService } from "../gen/opentelemetry/proto/collector/trace/v1/trace_service_godwit.js";
import { ExportTraceServiceRequestSchema } from "../gen/opentelemetry/proto/collector/trace/v1/trace_service_pb.js";
import type { KeyValue } from "../gen/opentelemetry/proto/common/v1/common_pb.js";
import type { Span } from "../gen/opentelemetry/proto/trace/v1/trace_pb.js";

type Done = (result: { readonly code: number; readonly error?: Error }) => void;

/** What the SDK calls a success, and what a failure. */
const [success, failure] = [0, 1];

function settle(call: Promise<unknown>, done: Done): void {
  call.then(
    () => done({ code: success }),
    (error: Error) => done({ code: failure, error }),
  );
}

/** A collector on a port of its own, with exporters that reach it. */
export class OtlpCollector implements AsyncDisposable {
  readonly spans: Span[] = [];
  /** Counts and sums of the last export, by metric and labels: `grpc.server.call.started {"grpc.method":"…"}`. */
  readonly values = new Map<string, number>();
  readonly #server: Server;
  readonly #channel: Channel;

  private constructor(server: Server, channel: Channel) {
    this.#server = server;
    this.#channel = channel;
  }

  static async start(): Promise<OtlpCollector> {
    const server = createServer();
    const { address } = await server.listen("127.0.0.1:0");
    const collector = new OtlpCollector(server, createChannel(address, { credentials: insecure() }));
    server.add(TraceService, {
      export: ({ resourceSpans }) => {
        collector.spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
        return {};
      },
    });
    server.add(MetricsService, {
      export: ({ resourceMetrics }) => {
        for (const { scopeMetrics } of resourceMetrics) {
          for (const { name, data } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
            if (data.case === undefined) continue;
            for (const point of data.value.dataPoints) collector.#keep(name, point);
          }
        }
        return {};
      },
    });
    return collector;
  }

  get traceExporter(): SpanExporter {
    const client = createClient(TraceService, this.#channel);
    return {
      export: (spans: ReadableSpan[], done: Done) => {
        const bytes = ProtobufTraceSerializer.serializeRequest(spans) as Uint8Array;
        settle(client.export(fromBinary(ExportTraceServiceRequestSchema, bytes)), done);
      },
      shutdown: () => Promise.resolve(),
    };
  }

  get metricExporter(): PushMetricExporter {
    const client = createClient(MetricsService, this.#channel);
    return {
      export: (metrics: SdkResourceMetrics, done: Done) => {
        const bytes = ProtobufMetricsSerializer.serializeRequest(metrics) as Uint8Array;
        settle(client.export(fromBinary(ExportMetricsServiceRequestSchema, bytes)), done);
      },
      selectAggregationTemporality: () => AggregationTemporality.CUMULATIVE,
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
  }

  /** How often a histogram of calls has each `method code`, where its other labels are these. */
  counts(metric: string, labels: object): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const [key, value] of this.values) {
      if (!key.startsWith(`${metric} `)) continue;
      const { "grpc.method": method, "grpc.status": code, ...rest } = JSON.parse(key.slice(metric.length + 1));
      if (JSON.stringify(rest) === JSON.stringify(labels)) counts[`${nameOf(method)} ${code}`] = value;
    }
    return counts;
  }

  /** The same of spans, by what their status says. */
  spansOf(prefix: string): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { name, status } of this.spans) {
      if (!name.startsWith(`${prefix}.`)) continue;
      const said = status?.message.split(":")[0] ?? "";
      const key = `${name.slice(name.lastIndexOf(".") + 1)} ${said === "" ? "OK" : said}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#channel.close();
    await this.#server.close({ graceMs: 0 });
  }

  #keep(
    name: string,
    point: {
      readonly attributes: readonly KeyValue[];
      readonly count?: bigint;
      readonly value?: { readonly value?: number | bigint | undefined };
    },
  ): void {
    const labels = Object.fromEntries(point.attributes.map(({ key, value }) => [key, value?.value.value]));
    this.values.set(`${name} ${JSON.stringify(labels)}`, Number(point.count ?? point.value?.value ?? Number.NaN));
  }
}

function nameOf(method: string): string {
  return method.slice(method.lastIndexOf("/") + 1);
}
