/** DATA cut anywhere → messages, compared with a reader that has the whole stream in one piece. */
import assert from "node:assert/strict";
import { MessageDeframer } from "../../../src/wire/message-deframer.js";
import type { Tape } from "../tape.js";
import type { FuzzTarget } from "../target.js";

const streamRoom = 24 * 1024;
const limits = [Number.POSITIVE_INFINITY, 4096, 60, 1 << 20, 0];
/** A message's length: the places at which the deframer copies, aliases or grows are among them. */
const lengths = [0, 1, 5, 31, 33, 200, 300, 1023, 1024, 1025, 4095, 4096];

/** Received bytes on their way to a deframer: what came, and what a reader of all of it makes of it. */
class Expectation {
  /** Bytes given out as messages, or thrown away. */
  read = 0;
  pushed = 0;
  consumed = 0;
  /** What the deframer said that it consumed. */
  taken = 0;
  failed = false;

  constructor(
    readonly stream: Buffer,
    readonly maxMessageBytes: number,
  ) {}

  /** Where the message ends that comes next: undefined when it has not come in full, or is refused. */
  next(): number | undefined {
    if (this.failed) return undefined;
    this.consumed = this.pushed;
    if (this.pushed - this.read < 5) return undefined;
    const length = this.stream.readUInt32BE(this.read + 1);
    this.failed = (this.stream[this.read] as number) > 1 || length > this.maxMessageBytes;
    const end = this.read + 5 + length;
    if (this.failed || end > this.pushed) return undefined;
    this.consumed = end;
    return end;
  }
}

export class DeframerTarget implements FuzzTarget {
  readonly watched = ["src/wire/"];
  /** What came is less than 24 KiB; a buffer grows to four times that and small pieces are gathered in their own. */
  readonly maxRetainedBytes = 128 * 1024;
  readonly #scratch = Buffer.alloc(streamRoom);

  run(tape: Tape): unknown {
    const maxMessageBytes = tape.pick(limits);
    // Now and then each piece comes in a read chunk of its own, as from a socket: one that waits must not keep it alive.
    const chunkBytes = tape.oneIn(32) ? 16 * 1024 : 0;
    const size = this.#write(tape);
    const stream = this.#scratch.subarray(0, size);
    tape.feed(stream, 0, size);
    tape.feedNumber(maxMessageBytes);
    const deframer = new MessageDeframer(maxMessageBytes);
    const expected = new Expectation(stream, maxMessageBytes);
    while (expected.pushed < size) {
      push(tape, deframer, expected, size, chunkBytes);
      act(tape, deframer, expected);
    }
    for (let most = size + 8; most > 0 && askNext(deframer, expected); most--);
    deframer.settle();
    check(deframer, expected);
    const atRest = expected.read === expected.pushed;
    assert.equal(deframer.endError() === undefined, atRest && !expected.failed);
    return deframer;
  }

  /** Writes messages, most of them good, into the scratch buffer; returns where they end. */
  #write(tape: Tape): number {
    const bytes = this.#scratch;
    let at = 0;
    for (let count = 1 + tape.below(12); count > 0; count--) {
      const kind = tape.byte();
      const length = kind < 160 ? kind & 0x3f : tape.pick(lengths);
      if (at + 5 + length > streamRoom) break;
      bytes[at] = kind > 252 ? tape.byte() : kind & 1;
      bytes.writeUInt32BE(kind === 252 ? tape.uint32() : length, at + 1);
      at += 5;
      for (const end = at + length; at < end; at++) bytes[at] = at * 7 + kind;
    }
    // A stream that ends amid a message.
    return tape.oneIn(4) ? Math.max(0, at - 1 - tape.below(40)) : at;
  }
}

function push(tape: Tape, deframer: MessageDeframer, expected: Expectation, size: number, chunkBytes: number): void {
  const choice = tape.done ? 255 : tape.byte();
  const wanted = choice < 128 ? 1 + (choice & 7) : choice < 192 ? choice * 3 : choice < 224 ? choice * 40 : 65536;
  const start = expected.pushed;
  const end = Math.min(size, start + wanted);
  tape.feedNumber(end);
  tape.words?.push(`push ${expected.stream.toString("hex", start, end)}`);
  if (chunkBytes === 0) {
    deframer.push(expected.stream, start, end);
  } else {
    const chunk = new Uint8Array(Math.max(chunkBytes, end - start));
    chunk.set(expected.stream.subarray(start, end));
    deframer.push(chunk, 0, end - start);
  }
  expected.pushed = end;
  if (expected.failed) expected.consumed = expected.pushed;
}

function act(tape: Tape, deframer: MessageDeframer, expected: Expectation): void {
  const choice = tape.byte();
  tape.feedNumber(choice >>> 4);
  if (choice < 100) {
    askNext(deframer, expected);
  } else if (choice < 160) {
    for (let most = 64; most > 0 && askNext(deframer, expected); most--);
  } else if (choice < 200) {
    tape.words?.push("settle");
    deframer.settle();
  } else if (choice > 252) {
    tape.words?.push("clear");
    deframer.clear();
    expected.read = expected.pushed;
    expected.consumed = expected.pushed;
  }
  check(deframer, expected);
}

function askNext(deframer: MessageDeframer, expected: Expectation): boolean {
  const end = expected.next();
  const isThere = deframer.next();
  assert.equal(isThere, end !== undefined, "a message is given out once it is there, and only then");
  assert.equal(deframer.error !== undefined, expected.failed);
  if (expected.failed) {
    expected.read = expected.pushed;
    expected.consumed = expected.pushed;
  }
  if (end === undefined) return false;
  const { stream, read } = expected;
  assert.equal(deframer.compressed, stream[read] === 1);
  const message = Buffer.from(
    deframer.bytes.buffer,
    deframer.bytes.byteOffset + deframer.start,
    deframer.end - deframer.start,
  );
  assert.ok(message.equals(stream.subarray(read + 5, end)), "a message is what was sent");
  expected.read = end;
  return true;
}

function check(deframer: MessageDeframer, expected: Expectation): void {
  const { read, pushed, consumed, failed } = expected;
  assert.equal(deframer.bufferedBytes, failed ? 0 : pushed - read, "bytes that wait");
  assert.equal(deframer.idle, failed || pushed === read);
  expected.taken += deframer.takeConsumedBytes();
  assert.equal(expected.taken, consumed, "bytes that were consumed, each once");
}
