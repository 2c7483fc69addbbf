/**
 * The process that measures one library on one message: `node measure.js <bundle> <library> <message> <round ms>`. Every
 * message of the library is used first, so that its code has seen more than one type, as in a service.
 */
import { pathToFileURL } from "node:url";
import { median } from "../macro/statistics.js";
import { messageNames, type SampleName, sampleNames, samples } from "./sample-messages.js";
import type { MessageCodec, Subject } from "./subject.js";

/** Nanoseconds of processor time that one operation takes. */
export interface Measurement {
  readonly encodeNs: number;
  readonly decodeNs: number;
}

const rounds = 7;
const warmUpMs = 60;

/** What operations give goes here, so that none is found to be of no use. */
export const kept: unknown[] = [undefined];

function main([bundle, library, name, roundMs]: string[]): Promise<Measurement> {
  return import(pathToFileURL(bundle as string).href).then((module: { subjects: Record<string, Subject> }) => {
    const subject = module.subjects[library as string];
    if (subject === undefined) throw new Error(`no library ${library}`);
    const tasks = new Map(sampleNames.flatMap((each) => taskOf(subject, each)));
    for (const { encode, decode } of tasks.values()) {
      run(encode, warmUpMs);
      run(decode, warmUpMs);
    }
    const task = tasks.get(name as SampleName);
    if (task === undefined) throw new Error(`${library} has no message ${name}`);
    const measure = (operation: () => void): number =>
      median(Array.from({ length: rounds }, () => run(operation, Number(roundMs))));
    return { encodeNs: measure(task.encode), decodeNs: measure(task.decode) };
  });
}

function taskOf(subject: Subject, name: SampleName): [SampleName, { encode: () => void; decode: () => void }][] {
  const codec = subject[messageNames[name]];
  if (codec === undefined) return [];
  // What a reader of node gives: a Buffer somewhere within its chunk.
  const { bytes } = samples[name];
  const chunk = Buffer.concat([Buffer.alloc(14), bytes]).subarray(14);
  const message = codec.decode(chunk) as never;
  check(codec, message, bytes, name);
  return [[name, { encode: () => keep(codec.encode(message)), decode: () => keep(codec.decode(chunk)) }]];
}

function keep(value: unknown): void {
  kept[0] = value;
}

/** What it writes is as long as what it read, and means the same to itself. */
function check(codec: MessageCodec, message: never, expected: Uint8Array, name: SampleName): void {
  const encoded = codec.encode(message);
  const bytes = codec.bytesOf?.() ?? (encoded as Uint8Array);
  if (bytes.length !== expected.length) {
    throw new Error(`${name} takes ${bytes.length} bytes, expected ${expected.length}`);
  }
  codec.decode(bytes);
}

/** Runs an operation for about `ms`; gives the processor time of one in nanoseconds, garbage collection included. */
function run(operation: () => void, ms: number): number {
  let times = 1;
  for (let batch = 1; ; batch *= 2) {
    const started = performance.now();
    for (let i = 0; i < batch; i++) operation();
    const took = performance.now() - started;
    if (took < 2) continue;
    times = Math.max(1, Math.round((batch * ms) / took));
    break;
  }
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) operation();
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / times;
}

process.stdout.write(JSON.stringify(await main(process.argv.slice(2))));
