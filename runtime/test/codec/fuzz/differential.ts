/** Runs our codec and protobuf-es over the same messages and bytes. Whatever differs without a reason throws. */
import { type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { OutputArena } from "../../../src/base/output-arena.js";
import { difference } from "./difference.js";
import { type Departure, type Judgement, judge } from "./strict-reader.js";
import type { Subject } from "./subjects.js";
import { withoutMisfits } from "./without-misfits.js";

/** How often what happened. */
export interface Tally {
  /** Messages that were encoded, the bytes equal, and decoded again. */
  unmutated: number;
  /** Other bytes that are well-formed. */
  rewritten: number;
  mutated: number;
  /** Of the mutated: decoded by both to equal messages, refused by both. */
  equal: number;
  refused: number;
  /** Of the mutated: why the two differ. */
  readonly departures: Record<Departure, { onlyProtobufEs: number; onlyOurs: number; otherValue: number }>;
}

export function newTally(): Tally {
  const none = () => ({ onlyProtobufEs: 0, onlyOurs: 0, otherValue: 0 });
  const departures = {
    "wrong wire type": none(),
    overrun: none(),
    "closed enum lost": none(),
    "long varint": none(),
    "left to protobuf-es": none(),
  };
  return { unmutated: 0, rewritten: 0, mutated: 0, equal: 0, refused: 0, departures };
}

type Decoded = { readonly message: Message } | { readonly error: unknown };

export class Differential {
  readonly #tally: Tally;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** Encodes with both; returns the bytes, which are equal. */
  encode({ desc, codec }: Subject, message: Message): Uint8Array {
    const expected = toBinary(desc, message);
    const actual = encoded({ desc, codec }, message);
    if (Buffer.compare(actual, expected) !== 0) {
      throw new Error(`encodes to ${hex(actual)}, expected ${hex(expected)}`);
    }
    return expected;
  }

  /** Decodes well-formed bytes with both: nothing may differ. */
  decode(subject: Subject, bytes: Uint8Array, kind: "unmutated" | "rewritten"): void {
    this.#tally[kind] += 1;
    const expected = fromBinary(subject.desc, plain(bytes));
    const actual = ourMessage(subject, bytes);
    if ("error" in actual) throw new Error("does not decode", { cause: actual.error });
    demandEqual(actual.message, expected);
    this.encode(subject, actual.message);
  }

  /** Decodes any bytes with both: what differs has to have a reason. */
  decodeMutated(subject: Subject, bytes: Uint8Array): void {
    this.#tally.mutated += 1;
    const expected = protobufEsMessage(subject, bytes);
    const actual = ourMessage(subject, bytes);
    if ("error" in actual) demandClearError(actual.error);
    if ("error" in actual && "error" in expected) {
      this.#tally.refused += 1;
      return;
    }
    if ("message" in actual && "message" in expected && difference(actual.message, expected.message) === undefined) {
      this.#tally.equal += 1;
      return;
    }
    this.#explain(subject, bytes, actual, expected);
  }

  /** The strict reader has to say why, and to agree with us: on acceptance, and on the values of what fits. */
  #explain(subject: Subject, bytes: Uint8Array, actual: Decoded, expected: Decoded): void {
    const strict = judge(subject.desc, bytes);
    const problem = problemWith(subject, strict, actual);
    const judgement = problem === undefined ? strict : judge(subject.desc, bytes, isForeign);
    if (problem !== undefined && problemWith(subject, judgement, actual) !== undefined) {
      throw new Error(`${describeOutcome(actual, expected)}; ${problem}`);
    }
    const way = !("message" in expected) ? "onlyOurs" : "message" in actual ? "otherValue" : "onlyProtobufEs";
    for (const departure of judgement.departures) this.#tally.departures[departure][way] += 1;
  }
}

/** Why a judgement does not explain what our codec did. */
function problemWith(
  { desc }: Subject,
  { accepted, departures, cleaned }: Judgement,
  actual: Decoded,
): string | undefined {
  if (departures.size === 0) return "nothing explains it";
  if (accepted !== "message" in actual) {
    return `by the letter it is ${accepted ? "a" : "no"} message (${[...departures].join()})`;
  }
  if (!("message" in actual) || cleaned === undefined) return undefined;
  return difference(withoutMisfits(desc, actual.message), withoutMisfits(desc, fromBinary(desc, cleaned)));
}

/** What the plugin leaves to protobuf-es: of the types that protobuf brings, those that describe types. */
function isForeign(desc: DescMessage): boolean {
  return desc.file.name === "google/protobuf/descriptor";
}

/** Not in use. They are used again, so that messages begin anywhere in an arena and go on in the next. */
const arenas: OutputArena[] = [];

export function encoded({ codec }: Subject, message: Message): Uint8Array {
  const arena = arenas.pop() ?? new OutputArena();
  arena.begin(14);
  try {
    codec.encode(message, arena);
  } catch (error) {
    arena.abort();
    throw error;
  }
  const bytes = Buffer.concat(arena.detach(14).chunks);
  arenas.push(arena);
  return bytes;
}

function ourMessage({ codec }: Subject, bytes: Uint8Array): Decoded {
  try {
    // Not at the beginning of its memory, and with something behind it: nothing around it may be read.
    const around = Buffer.concat([Buffer.of(0x08, 0x96), bytes, Buffer.of(0x0a, 0x01)]);
    const alias = bytes.length % 2 === 1;
    return { message: codec.decode(around, 2, 2 + bytes.length, alias) };
  } catch (error) {
    return { error };
  }
}

function protobufEsMessage({ desc }: Subject, bytes: Uint8Array): Decoded {
  try {
    return { message: fromBinary(desc, plain(bytes)) };
  } catch (error) {
    return { error };
  }
}

/** Of a Buffer protobuf-es makes fields that are Buffers. */
function plain(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}

function demandEqual(actual: Message, expected: Message): void {
  const found = difference(actual, expected);
  if (found !== undefined) throw new Error(found);
}

/** One sentence for whoever reads it at night, and no accident of the decoder's own. */
function demandClearError(error: unknown): void {
  const isClear = error instanceof Error && error.message.length > 10 && !error.message.includes("\n");
  const isAccident = error instanceof TypeError && !/encoded data was not valid|UTF-8/.test(error.message);
  const isOverflow =
    error instanceof RangeError && /call stack|Invalid (typed )?array length|allocation/.test(error.message);
  if (!isClear || isAccident || isOverflow) throw new Error(`fails with ${String(error)}`, { cause: error });
}

function describeOutcome(actual: Decoded, expected: Decoded): string {
  if ("error" in actual) return `protobuf-es decodes what we refuse: ${String(actual.error)}`;
  if ("error" in expected) return `we decode what protobuf-es refuses: ${String(expected.error)}`;
  return `decodes to another message: ${difference(actual.message, expected.message)}`;
}

function hex(bytes: Uint8Array): string {
  return `<${Buffer.from(bytes).toString("hex")}>`;
}
