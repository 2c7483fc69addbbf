import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { DistinctCount } from "../../fuzz/distinct-count.js";
import { Dice } from "./dice.js";
import { Differential, newTally, type Tally } from "./differential.js";
import { mutate, rewrite } from "./mutate.js";
import { RandomMessages } from "./random-message.js";
import { subjects as allSubjects, registry, type Subject } from "./subjects.js";

/** Mutations of one message. */
const mutationsEach = 12;
/** Rewrites of one message. */
const rewritesEach = 2;

/** Enough to tell ten million inputs apart, but for about 2 %. */
const distinctLogBits = 28;

export interface FuzzResult {
  readonly tally: Tally;
  /** Different mutated inputs, at least. */
  readonly distinct: number;
}

export interface FuzzOptions {
  /** Default: those of CodecService. */
  readonly subjects?: readonly Subject[];
  /** Hears now and then how many different inputs there were. */
  readonly onProgress?: (distinct: number) => void;
}

/** Makes messages and changes them until `inputs` different mutated ones have been tried. A failure names seed, type and bytes. */
export function fuzz(seed: number, inputs: number, options: FuzzOptions = {}): FuzzResult {
  const { subjects = allSubjects, onProgress } = options;
  const dice = new Dice(seed);
  const messages = new RandomMessages(dice, registry);
  const tally = newTally();
  const differential = new Differential(tally);
  const distinct = new DistinctCount(distinctLogBits);
  for (let round = 0; distinct.count < inputs; round++) {
    const index = round % subjects.length;
    const subject = subjects[index] as Subject;
    const bytes = explain(subject, seed, undefined, () => differential.encode(subject, messages.make(subject.desc)));
    explain(subject, seed, bytes, () => differential.decode(subject, bytes, "unmutated"));
    const other = toBinary(subject.desc, messages.make(subject.desc));
    for (let i = 0; i < rewritesEach; i++) {
      const rewritten = rewrite(dice, bytes, other);
      if (!isComplete(subject, rewritten)) continue;
      explain(subject, seed, rewritten, () => differential.decode(subject, rewritten, "rewritten"));
    }
    for (let i = 0; i < mutationsEach; i++) {
      const mutated = mutate(dice, bytes, other);
      distinct.add(hashOf(index, mutated));
      explain(subject, seed, mutated, () => differential.decodeMutated(subject, mutated));
    }
    if (round % 1000 === 999) onProgress?.(distinct.count);
  }
  return { tally, distinct: distinct.count };
}

/** FNV-1a. */
function hashOf(salt: number, bytes: Uint8Array): number {
  let hash = 0x811c9dc5 ^ salt;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return hash;
}

/** Whether it encodes again: a rewrite may have left out a field that is required. */
function isComplete({ desc }: Subject, bytes: Uint8Array): boolean {
  try {
    toBinary(desc, fromBinary(desc, bytes));
    return true;
  } catch {
    return false;
  }
}

function explain<T>({ desc }: Subject, seed: number, bytes: Uint8Array | undefined, body: () => T): T {
  try {
    return body();
  } catch (error) {
    const input = bytes === undefined ? "" : `, bytes <${Buffer.from(bytes).toString("hex")}>`;
    throw new Error(`${desc.typeName}: ${(error as Error).message} (seed ${seed}${input})`, { cause: error });
  }
}
