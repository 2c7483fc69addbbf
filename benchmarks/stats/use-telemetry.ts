/**
 * `node --import use-telemetry.js`: OpenTelemetry as a service has it, with every call traced, whose exporters throw away what
 * they get: what is measured is the cost of telling. grpc-js is instrumented before anybody imports it.
 */
import { createRequire } from "node:module";
import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { ExportResultCode, W3CTraceContextPropagator } from "@opentelemetry/core";
import { GrpcInstrumentation } from "@opentelemetry/instrumentation-grpc";
import { AggregationTemporality, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

const done = { code: ExportResultCode.SUCCESS };
const nowhere = {
  export: (_: unknown, onDone: (result: typeof done) => void) => onDone(done),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
  selectAggregationTemporality: () => AggregationTemporality.CUMULATIVE,
};

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(nowhere)] }));
metrics.setGlobalMeterProvider(
  new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: nowhere, exportIntervalMillis: 1000 })],
  }),
);
new GrpcInstrumentation().enable();
createRequire(import.meta.url)("@grpc/grpc-js");
