/** Header blocks → decoder, beside a plain one; header lists → encoder → both decoders, while table sizes change. */
import assert from "node:assert/strict";
import { type DecodeResult, HpackDecoder } from "../../../../src/hpack/decoder.js";
import { HpackEncoder } from "../../../../src/hpack/encoder.js";
import { flatFields, HeaderBlock } from "../../../../src/hpack/header-block.js";
import type { Tape } from "../../tape.js";
import type { FuzzTarget } from "../../target.js";
import { BlockWriter } from "./block-grammar.js";
import { PlainDecoder, type PlainLimits } from "./plain-decoder.js";

const allLimits: readonly PlainLimits[] = [
  { maxTableSize: 4096, maxListBytes: 16384, maxFields: 128 },
  { maxTableSize: 4096, maxListBytes: 400, maxFields: 6 },
  { maxTableSize: 100, maxListBytes: 1000, maxFields: 20 },
  { maxTableSize: 65536, maxListBytes: 4000, maxFields: 30 },
];
const offers = [4096, 0, 31, 64, 100, 300, 1000, 10000, 0xffffffff];
const names = ["x-a", "x-b", ":path", ":method", "grpc-timeout", "authorization", "cookie", "x-long-name"];
const values = ["/s/m", "POST", "", "0", "1", "v".repeat(40), "V\u00ff".repeat(30), "w".repeat(1000)];

/** A decoder under test and the plain one, fed alike. */
class DecoderPair {
  readonly #decoder: HpackDecoder;
  readonly #plain: PlainDecoder;

  constructor(
    readonly limits: PlainLimits,
    sharePrefixes: boolean,
  ) {
    this.#decoder = new HpackDecoder({ ...limits, sharePrefixes });
    this.#plain = new PlainDecoder(limits);
  }

  get held(): unknown {
    return this.#decoder;
  }

  settingsAcknowledged(): void {
    this.#decoder.settingsAcknowledged();
    this.#plain.settingsAcknowledged();
  }

  decode(bytes: Buffer, start: number, end: number): DecodeResult {
    const result = this.#decoder.decode(bytes, start, end);
    const expected = this.#plain.decode(bytes.subarray(start, end));
    assert.equal(result.kind, expected.kind, "message" in result ? result.message : undefined);
    const { maxListBytes, maxFields } = this.limits;
    if (result.kind === "ok" && expected.kind === "ok") {
      assert.ok(isSame(flatFields(result.block), expected.fields), "the fields are those that were sent");
      assert.ok(result.block.listBytes <= maxListBytes && expected.fields.length <= 2 * maxFields);
    } else if (result.kind === "tooLarge") {
      assert.ok(result.listBytes <= 4 * maxListBytes && result.fields <= 4 * maxFields);
    }
    if (result.kind !== "error") assert.equal(this.#decoder.tableBytes, this.#plain.tableBytes, "bytes of the table");
    return result;
  }

  get tableBytes(): number {
    return this.#decoder.tableBytes;
  }
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, index) => text === others[index]);
}

export class HpackTarget implements FuzzTarget {
  readonly watched = ["src/hpack/"];
  /** A table of at most 64 KiB and its slots, 32 known blocks, and for an encoder what it knows of the names. */
  readonly maxRetainedBytes = 192 * 1024;
  readonly #writer = new BlockWriter();
  readonly #out = Buffer.alloc(64 * 1024);

  run(tape: Tape): unknown {
    return tape.oneIn(3) ? this.#roundTrip(tape) : this.#blocks(tape);
  }

  #blocks(tape: Tape): unknown {
    const choice = tape.byte();
    const pair = new DecoderPair(allLimits[choice & 3] as PlainLimits, (choice & 4) !== 0);
    const blocks: Buffer[] = [];
    tape.feedNumber(choice & 7);
    for (let count = 1 + tape.below(10); count > 0; count--) {
      if (tape.oneIn(16)) {
        tape.words?.push("settings acknowledged");
        tape.feedNumber(1);
        pair.settingsAcknowledged();
      }
      // The same again goes through what the decoder remembers, and must not when the table has changed meanwhile.
      const earlier = tape.oneIn(4) ? blocks[tape.byte() % Math.max(1, blocks.length)] : undefined;
      const block = earlier ?? this.#newBlock(tape);
      if (earlier === undefined) blocks.push(block);
      for (let times = tape.oneIn(3) ? 1 + tape.below(4) : 1; times > 0; times--) {
        tape.feed(block, 0, block.length);
        tape.words?.push(`block ${block.toString("hex")}`);
        pair.decode(block, 0, block.length);
      }
    }
    return pair.held;
  }

  #newBlock(tape: Tape): Buffer {
    this.#writer.block(tape);
    return Buffer.from(this.#writer.bytes.subarray(0, this.#writer.at));
  }

  #roundTrip(tape: Tape): unknown {
    const encoder = new HpackEncoder();
    const pair = new DecoderPair({ maxTableSize: 4096, maxListBytes: 1 << 16, maxFields: 128 }, tape.oneIn(2));
    const shared: HeaderBlock[] = [];
    for (let count = 1 + tape.below(12); count > 0; count--) {
      for (let changes = tape.oneIn(6) ? 1 + tape.below(3) : 0; changes > 0; changes--) {
        const bytes = tape.pick(offers);
        tape.feedNumber(bytes);
        tape.words?.push(`setMaxTableSize ${bytes}`);
        encoder.setMaxTableSize(bytes);
      }
      const block = blockOf(tape, shared);
      this.#carry(tape, encoder, pair, block);
    }
    return encoder;
  }

  #carry(tape: Tape, encoder: HpackEncoder, pair: DecoderPair, block: HeaderBlock): void {
    const fields = flatFields(block);
    for (const text of fields) tape.feedText(text);
    tape.words?.push(`encode ${JSON.stringify(fields)}`);
    const room = encoder.maxEncodedBytes(block);
    const out = this.#out;
    out[room] = 0xa5;
    const end = encoder.encode(block, out, 0);
    assert.ok(end <= room && out[room] === 0xa5, `wrote ${end} octets, promised at most ${room}`);
    const result = pair.decode(out, 0, end);
    assert.ok(result.kind === "ok" && isSame(flatFields(result.block), fields), "what was encoded comes out");
    assert.equal(pair.tableBytes, encoder.tableBytes, "both tables agree");
  }
}

/** A block that came before, a new one, or a new one behind one that came before. */
function blockOf(tape: Tape, shared: HeaderBlock[]): HeaderBlock {
  const choice = tape.byte();
  const known = shared[choice & 3];
  if (known !== undefined && choice < 100) return known;
  const fields: string[] = [];
  for (let count = tape.below(8); count > 0; count--) {
    const name = tape.oneIn(8) ? `x-${tape.byte()}` : tape.pick(names);
    fields.push(name, tape.oneIn(4) ? String(tape.uint16()) : tape.pick(values));
  }
  const block = new HeaderBlock(fields, choice < 180 ? known : undefined);
  if (shared.length < 4) shared.push(block);
  return block;
}
