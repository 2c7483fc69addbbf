import { metrics, trace } from "@opentelemetry/api";
import type { StatsSink } from "godwit";
import { openTelemetry } from "godwit/opentelemetry";

/** Tells OpenTelemetry as the process has it, spans of handlers included. */
export function telemetryOfProcess(): StatsSink {
  const [meterProvider, tracerProvider] = [metrics.getMeterProvider(), trace.getTracerProvider()];
  return openTelemetry({ meterProvider, tracerProvider, asyncContext: true });
}
