/** What a soak prints. */
import { renderTable } from "../macro/table.js";
import type { ProcessSample } from "./processes/process-sample.js";
import { type Counts, type Role, roles, type Sample, type SoakRecord } from "./record.js";
import { findFailures, growthBytes, heapLimitBytes, inMebibytes, slopePerMillion } from "./verdict.js";

/** With fewer the slope is that of what a collection happens to leave. */
const callsForSlope = 500_000;

export function describeWarmUp({ warmUp, counts }: SoakRecord): string {
  return `${describeCounts(counts)}, after a warm-up of ${describeCounts(warmUp)}`;
}

export function progressLine({ atMs, done, client, server }: Sample): string {
  const [clientMiB, serverMiB] = [client, server].map((sample) => inMebibytes(sample.heapBytes + sample.externalBytes));
  return `${(atMs / 1000).toFixed(0)} s: ${describeCounts(done)}; client ${clientMiB} MiB, server ${serverMiB} MiB`;
}

export function renderSamples({ samples }: SoakRecord): string {
  const columns = ["heap", "buffers", "RSS", "files"];
  const head = [
    "s",
    "unary",
    "streams",
    "reconnects",
    ...roles.flatMap((role) => columns.map((name) => `${role} ${name}`)),
  ];
  const body = samples.map((sample) => [
    (sample.atMs / 1000).toFixed(1),
    ...[sample.done.unary, sample.done.streams, sample.done.reconnects].map(inThousands),
    ...roles.flatMap((role) => cells(sample[role])),
  ]);
  return `${renderTable(head, body)}\nHeap, buffers and RSS in MiB, once garbage has been collected.`;
}

/** The lines below the table. */
export function renderVerdict(record: SoakRecord): string {
  const { ended } = record.tallies.client;
  const failures = findFailures(record);
  return [
    `calls ended as they should: ${Object.entries(ended)
      .map(([code, count]) => `${inThousands(count)} ${code}`)
      .join(", ")}`,
    ...roles.map((role) => {
      const grown = `${inMebibytes(growthBytes(role, record))} MiB from where they began`;
      return `${role}: heap and buffers ${grown} (limit ${inMebibytes(heapLimitBytes)})${describeSlope(role, record)}`;
    }),
    ...failures.map((failure) => `FAILED: ${failure}`),
    failures.length === 0 ? "passed" : "failed",
  ].join("\n");
}

function describeSlope(role: Role, record: SoakRecord): string {
  if (record.counts.unary < callsForSlope) return "";
  return `, ${slopePerMillion(role, record).toFixed(3)} MiB per million unary calls`;
}

function cells({ heapBytes, externalBytes, rssBytes, descriptors }: ProcessSample): string[] {
  return [inMebibytes(heapBytes), inMebibytes(externalBytes), inMebibytes(rssBytes), String(descriptors ?? "–")];
}

function describeCounts({ unary, streams, reconnects }: Counts): string {
  return `${inThousands(unary)} unary calls, ${inThousands(streams)} streams, ${inThousands(reconnects)} reconnects`;
}

function inThousands(count: number): string {
  return count.toLocaleString("en-GB");
}
