import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type { ChannelOptions } from "../../src/channel/channel-options.js";
import { openTelemetry } from "../../src/opentelemetry/open-telemetry.js";
import type { OpenTelemetryOptions } from "../../src/opentelemetry/options.js";
import { VirtualPair } from "../channel/virtual-pair.js";
import type { EchoServiceHandlers } from "../gen/godwit/testing/v1/echo_godwit.js";

/** One data point of a metric: its labels as text, its count or value, and its sum where it is a histogram. */
export interface Point {
  readonly labels: Readonly<Record<string, unknown>>;
  readonly value: number;
  readonly sum?: number | undefined;
}

/** A real SDK that keeps what it is told. */
export class TelemetrySdk {
  readonly #metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly #spanExporter = new InMemorySpanExporter();
  readonly #reader = new PeriodicExportingMetricReader({
    exporter: this.#metricExporter,
    exportIntervalMillis: 2 ** 30,
    exportTimeoutMillis: 10_000,
  });
  readonly meterProvider = new MeterProvider({ readers: [this.#reader] });
  readonly tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(this.#spanExporter)],
  });

  /** Every data point of every metric, by name. */
  async metrics(): Promise<ReadonlyMap<string, readonly Point[]>> {
    this.#metricExporter.reset();
    await this.meterProvider.forceFlush();
    const found = new Map<string, Point[]>();
    for (const { scopeMetrics } of this.#metricExporter.getMetrics()) {
      for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
        found.set(descriptor.name, (dataPoints as DataPoint<number | Histogram>[]).map(pointOf));
      }
    }
    return found;
  }

  /** Ended spans, in the order in which they ended. */
  get spans(): readonly ReadableSpan[] {
    return this.#spanExporter.getFinishedSpans();
  }

  async shutdown(): Promise<void> {
    await this.meterProvider.shutdown();
    await this.tracerProvider.shutdown();
  }
}

function pointOf(point: DataPoint<number | Histogram>): Point {
  const { value, attributes } = point;
  if (typeof value === "number") return { labels: attributes, value };
  return { labels: attributes, value: value.count, sum: value.sum };
}

/** A client and a server in virtual time whose calls are told to one SDK. */
export class TelemetryPair {
  readonly sdk = new TelemetrySdk();

  private constructor(
    readonly pair: VirtualPair,
    sdk: TelemetrySdk,
  ) {
    this.sdk = sdk;
  }

  static async open(
    handlers: (pair: () => VirtualPair) => Partial<EchoServiceHandlers>,
    options: Partial<OpenTelemetryOptions> = {},
    channel: ChannelOptions = {},
  ): Promise<TelemetryPair> {
    const sdk = new TelemetrySdk();
    const { meterProvider, tracerProvider } = sdk;
    const stats = openTelemetry({ meterProvider, tracerProvider, ...options });
    let pair: VirtualPair | undefined;
    const handlersOfPair = handlers(() => pair as VirtualPair);
    pair = await VirtualPair.open(handlersOfPair, { channel: { ...channel, stats }, server: { stats } });
    return new TelemetryPair(pair, sdk);
  }

  get echo(): VirtualPair["echo"] {
    return this.pair.echo;
  }

  /** What a call comes to, after so many milliseconds. */
  async after<T>(ms: number, call: Promise<T>): Promise<T | unknown> {
    const settled = call.catch((error: unknown) => error);
    await this.pair.platform.advanceAsync(ms);
    return settled;
  }

  async close(): Promise<void> {
    await this.pair.close();
    await this.sdk.shutdown();
  }
}
