/**
 * Bytes → decode of the codecs that generated services have. That what they give is right, the differential fuzz of
 * test/codec shows; here it is that they give something or throw, whatever comes, and always the same.
 */
import assert from "node:assert/strict";
import type { Message } from "@bufbuild/protobuf";
import { ArraySink } from "../../../codec/array-sink.js";
import { judge } from "../../../codec/fuzz/strict-reader.js";
import { type Subject, subjects } from "../../../codec/fuzz/subjects.js";
import type { Tape } from "../../tape.js";
import type { FuzzTarget } from "../../target.js";
import { formOf, type MessageForm, RecordWriter } from "./record-grammar.js";

const targets: readonly { readonly subject: Subject; readonly form: MessageForm }[] = subjects.map((subject) => ({
  subject,
  form: formOf(subject.desc),
}));

export class ProtobufTarget implements FuzzTarget {
  readonly watched = ["runtime/dist/", "build/test/gen/", "@bufbuild/protobuf/"];
  /** At most 8 KiB come. A byte may become a message of some hundred. */
  readonly maxRetainedBytes = 2 * 1024 * 1024;
  readonly #writer = new RecordWriter();

  run(tape: Tape): unknown {
    const index = tape.byte() % targets.length;
    const { subject, form } = targets[index] as (typeof targets)[number];
    const writer = this.#writer;
    writer.write(tape, form);
    const { bytes, at: end } = writer;
    tape.feedNumber(index);
    tape.feed(bytes, 0, end);
    tape.words?.push(`${subject.desc.typeName} ${bytes.toString("hex", 0, end)}`);
    const message = decode(subject, bytes, end, false);
    const withViews = decode(subject, bytes, end, true);
    assert.equal(message instanceof Error, withViews instanceof Error, "the same with views and without");
    if (message instanceof Error || withViews instanceof Error) return undefined;
    const encoded = encode(subject, message);
    if (encoded === undefined) return message;
    assert.ok(encode(subject, withViews)?.equals(encoded), "the same with views and without");
    bytes.fill(0xee, 0, end);
    assert.ok(encode(subject, message)?.equals(encoded), "without views it keeps nothing of what it was read from");
    const again = decode(subject, encoded, encoded.length, true);
    if (again instanceof Error) {
      // A map entry may lack its value, and is written with one: that can be one level too many.
      assert.match(again.message, /recursion|depth|deep/, "what was written can be read");
      return message;
    }
    if (encode(subject, again)?.equals(encoded)) return message;
    // Of types that are not generated with ours, protobuf-es reads, and what it is known to lose is lost.
    assert.ok(judge(subject.desc, encoded).departures.size > 0, "what was written reads as the same");
    return message;
  }
}

/** The message, or why the bytes are refused, in a way that a decoder may. */
function decode({ codec }: Subject, bytes: Buffer, end: number, alias: boolean): Message | Error {
  try {
    return codec.decode(bytes, 0, end, alias);
  } catch (error) {
    assert.ok(error instanceof Error && !isAccident(error), `refused by accident: ${error}`);
    return error;
  }
}

/** Undefined when a required field is missing: what is read may lack one, what is written may not. */
function encode({ codec }: Subject, message: Message): Buffer | undefined {
  const sink = new ArraySink();
  try {
    codec.encode(message, sink);
  } catch (error) {
    assert.match(String(error), /required/);
    return undefined;
  }
  return sink.written();
}

/** Errors of a program that is wrong, or that ran out of stack or memory. */
function isAccident(error: Error): boolean {
  if (error instanceof RangeError) return /call stack|Invalid (typed )?array length|allocation/.test(error.message);
  if (error instanceof TypeError) return !/encoded data was not valid|UTF-8/.test(error.message);
  return error instanceof ReferenceError || error instanceof SyntaxError;
}
