/**
 * The entry `godwit/opentelemetry`: gRPC's own metrics (gRFC A66, A78, A94, A96) and traces (A72) of channels and servers.
 * It needs the package `@opentelemetry/api`, an optional peer dependency, and whichever SDK the application has.
 */

export { grpcTraceBinPropagator } from "./grpc-trace-bin.js";
export { countBuckets, latencyBuckets, type MetricName, metricNames, sizeBuckets } from "./metric-names.js";
export { openTelemetry } from "./open-telemetry.js";
export type { OpenTelemetryOptions } from "./options.js";
export { traceContextPropagator } from "./trace-context.js";
