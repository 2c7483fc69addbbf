/** The instruments that gRFCs A66, A78, A94 and A96 describe: names, units, buckets, and which are recorded unless more is asked for. */
import type { MetricOptions } from "@opentelemetry/api";

/** Seconds (gRFC A66). */
export const latencyBuckets: readonly number[] = [
  ...[0, 0.000_01, 0.000_05, 0.000_1, 0.000_3, 0.000_6, 0.000_8, 0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.008],
  ...[
    0.01, 0.013, 0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65,
    0.8,
  ],
  ...[1, 2, 5, 10, 20, 50, 100],
];

/** Bytes (gRFC A66). */
export const sizeBuckets: readonly number[] = [
  0,
  ...[10, 11, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32].map((n) => 2 ** n),
];

/** Retries and hedges of one call (gRFC A96). */
export const countBuckets: readonly number[] = [1, 2, 3, 4, 5];

interface Description extends MetricOptions {
  /** Of a histogram. */
  readonly buckets?: readonly number[];
  readonly kind: "counter" | "upDownCounter" | "histogram";
  /** Recorded unless the application names what it wants: what is not experimental (gRFC A79). */
  readonly isDefault: boolean;
}

function counter(unit: string, description: string, isDefault = false) {
  return { kind: "counter", unit, description, isDefault } as const;
}

function histogram(unit: string, buckets: readonly number[], description: string, isDefault = false) {
  return {
    kind: "histogram",
    unit,
    description,
    isDefault,
    buckets,
  } as const;
}

const seconds = (description: string, isDefault = true) => histogram("s", latencyBuckets, description, isDefault);
const bytes = (description: string) => histogram("By", sizeBuckets, description, true);

export const metrics = {
  "grpc.client.attempt.started": counter("{attempt}", "Attempts of calls that were started.", true),
  "grpc.client.attempt.duration": seconds("Time from the start of an attempt to its end, its pick included."),
  "grpc.client.attempt.sent_total_compressed_message_size": bytes("Bytes of all requests of an attempt, compressed."),
  "grpc.client.attempt.rcvd_total_compressed_message_size": bytes("Bytes of all responses of an attempt, compressed."),
  "grpc.client.call.duration": seconds("Time that a call took, as the application sees it."),
  "grpc.server.call.started": counter("{call}", "Calls that came to the server.", true),
  "grpc.server.call.duration": seconds("Time from a call's headers to its status."),
  "grpc.server.call.sent_total_compressed_message_size": bytes("Bytes of all responses of a call, compressed."),
  "grpc.server.call.rcvd_total_compressed_message_size": bytes("Bytes of all requests of a call, compressed."),
  "grpc.client.call.retries": histogram("{retry}", countBuckets, "Retries of a call that had any."),
  "grpc.client.call.transparent_retries": histogram(
    "{transparent_retry}",
    [...countBuckets, 10],
    "Transparent retries of a call that had any.",
  ),
  "grpc.client.call.hedges": histogram("{hedge}", countBuckets, "Hedges of a call that had any."),
  "grpc.client.call.retry_delay": seconds("Time of a call in which no attempt was under way.", false),
  "grpc.subchannel.connection_attempts_succeeded": counter("{attempt}", "Connections that came about."),
  "grpc.subchannel.connection_attempts_failed": counter("{attempt}", "Attempts to connect that failed."),
  "grpc.subchannel.disconnections": counter("{disconnection}", "Connections that were lost or given up."),
  "grpc.subchannel.open_connections": {
    kind: "upDownCounter",
    unit: "{connection}",
    description: "Addresses with a connection.",
    isDefault: false,
  },
  "grpc.lb.pick_first.connection_attempts_succeeded": counter("{attempt}", "Connections that came about."),
  "grpc.lb.pick_first.connection_attempts_failed": counter("{attempt}", "Attempts to connect that failed."),
  "grpc.lb.pick_first.disconnections": counter("{disconnection}", "Connections that were lost or given up."),
} as const satisfies Record<string, Description>;

export type MetricName = keyof typeof metrics;

/** Every metric that there is. */
export const metricNames = Object.keys(metrics) as readonly MetricName[];
