/** What a soak's figures must show. Pure: nothing here measures. */
import type { ProcessSample } from "./processes/process-sample.js";
import { type Role, roles, type SoakRecord } from "./record.js";

export const mebibyte = 1024 * 1024;
/** By which the heap of a process may have grown, with the buffers outside it. */
export const heapLimitBytes = 8 * mebibyte;
/** By which the objects of one class may have grown: far less memory, and far sooner seen. */
export const objectLimit = 1000;

/** Objects that end with their call, timer or connection: of these not one is left when everything is closed. */
const endedClasses = [
  ...["Call", "PickedCall", "ClientStream", "ServerStream", "ServerCall", "Http2Stream", "TimerEntry"],
  ...["Http2Session", "SessionDriver", "DuplexStream"],
];

/** One sentence for each thing that is not as it should be. */
export function findFailures(record: SoakRecord): string[] {
  return [
    ...roles.flatMap((role) => callFailures(role, record)),
    ...roles.flatMap((role) => growthFailures(role, record)),
    ...roles.flatMap((role) => openFailures(role, record)),
    ...record.hanging.map((role) => `the ${role} did not end by itself after it had closed everything`),
  ];
}

/** Heap and buffers. */
export function heldBytes({ heapBytes, externalBytes }: ProcessSample): number {
  return heapBytes + externalBytes;
}

/** From the first sample to the last. */
export function growthBytes(role: Role, { samples }: SoakRecord): number {
  const [first, last] = [samples[0], samples.at(-1)];
  return first === undefined || last === undefined ? 0 : heldBytes(last[role]) - heldBytes(first[role]);
}

/** MiB that a million unary calls add, by least squares over the samples of that phase; NaN where there are too few. */
export function slopePerMillion(role: Role, { samples }: SoakRecord): number {
  const unary = samples.filter(({ done }) => done.streams === 0 && done.reconnects === 0);
  const points = unary.map((sample) => ({ x: sample.done.unary / 1e6, y: heldBytes(sample[role]) / mebibyte }));
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const covariance = mean(points.map(({ x, y }) => (x - meanX) * (y - meanY)));
  return covariance / mean(points.map(({ x }) => (x - meanX) ** 2));
}

/** Classes of which more than `objectLimit` objects have come to stay, the most first. */
export function grownClasses(role: Role, { samples }: SoakRecord): { name: string; grown: number }[] {
  const [first, last] = [samples[0]?.[role].census, samples.at(-1)?.[role].census];
  return Object.entries(last ?? {})
    .map(([name, count]) => ({ name, grown: count - (first?.[name] ?? 0) }))
    .filter(({ grown }) => grown > objectLimit)
    .sort((a, b) => b.grown - a.grown);
}

function callFailures(role: Role, { tallies }: SoakRecord): string[] {
  const { failures, firstFailures } = tallies[role];
  return failures === 0 ? [] : [`${failures} failures of calls at the ${role}, the first: ${firstFailures.join("; ")}`];
}

function growthFailures(role: Role, record: SoakRecord): string[] {
  const found: string[] = [];
  const grown = growthBytes(role, record);
  if (grown > heapLimitBytes) {
    found.push(`the ${role}'s heap has grown by ${inMebibytes(grown)} MiB, limit ${inMebibytes(heapLimitBytes)}`);
  }
  const classes = grownClasses(role, record).map((each) => `${each.grown} × ${each.name}`);
  if (classes.length > 0)
    found.push(`the ${role} has more objects than before, limit ${objectLimit}: ${classes.join(", ")}`);
  return found;
}

/** Once everything is closed: files and what keeps the process alive against the time before the first connection, and objects. */
function openFailures(role: Role, { fresh, closed }: SoakRecord): string[] {
  const found: string[] = [];
  const before = fresh[role];
  const after = closed[role];
  const more = (after.descriptors ?? 0) - (before.descriptors ?? 0);
  if (more > 0) found.push(`the ${role} has ${more} more open files than before its first connection`);
  const left = [...after.resources];
  for (const kind of before.resources) {
    const index = left.indexOf(kind);
    if (index !== -1) left.splice(index, 1);
  }
  if (left.length > 0) found.push(`the ${role} is kept alive by ${left.join(", ")}`);
  const objects = endedClasses.filter((name) => (after.census?.[name] ?? 0) > 0);
  const counted = objects.map((name) => `${after.census?.[name]} × ${name}`);
  if (counted.length > 0) found.push(`the ${role} has closed everything and still has ${counted.join(", ")}`);
  return found;
}

export function inMebibytes(bytes: number): string {
  return (bytes / mebibyte).toFixed(2);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
