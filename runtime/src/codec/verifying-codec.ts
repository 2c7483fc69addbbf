import { type DescMessage, fromBinary, type Message, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { ByteSink } from "../base/byte-sink.js";
import { OutputArena } from "../base/output-arena.js";
import { textOfThrown } from "../base/text-of-thrown.js";
import type { Codec } from "../rpc/codec.js";
import { copyRange } from "./byte-range.js";
import { difference } from "./difference.js";

/** What came of one codec: a value, or that it threw. */
type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/**
 * Runs protobuf-es beside another codec and throws when the two differ, with what differs and where. For tests: everything
 * is done twice, and messages are read from copies.
 */
export function createVerifyingCodec<Desc extends DescMessage>(
  schema: Desc,
  codec: Codec<MessageShape<Desc>>,
): Codec<MessageShape<Desc>> {
  return new VerifyingCodec(schema, codec);
}

class VerifyingCodec<Desc extends DescMessage> implements Codec<MessageShape<Desc>> {
  readonly #schema: Desc;
  readonly #codec: Codec<MessageShape<Desc>>;

  constructor(schema: Desc, codec: Codec<MessageShape<Desc>>) {
    this.#schema = schema;
    this.#codec = codec;
  }

  encode(message: MessageShape<Desc>, sink: ByteSink): void {
    const ours = attempt(() => encodeAlone(this.#codec, message));
    const theirs = attempt(() => toBinary(this.#schema, message));
    sink.append(this.#judge("encodes", ours, theirs, differenceOfBytes));
  }

  decode(bytes: Uint8Array, start: number, end: number, alias: boolean): MessageShape<Desc> {
    const ours = attempt(() => this.#codec.decode(bytes, start, end, alias));
    const theirs = attempt(() => fromBinary(this.#schema, copyRange(bytes, start, end)));
    return this.#judge("decodes", ours, theirs, (a: Message, b: Message) => difference(a, b, ""));
  }

  #judge<T>(
    verb: string,
    ours: Outcome<T>,
    theirs: Outcome<unknown>,
    compare: (ours: T, theirs: never) => string | undefined,
  ): T {
    if (!ours.ok) {
      if (!theirs.ok) throw ours.error;
      throw this.#differs(verb, `protobuf-es takes it, we say: ${textOfThrown(ours.error)}`);
    }
    if (!theirs.ok) throw this.#differs(verb, `protobuf-es refuses it: ${textOfThrown(theirs.error)}`);
    const found = compare(ours.value, theirs.value as never);
    if (found !== undefined) throw this.#differs(verb, found);
    return ours.value;
  }

  #differs(verb: string, what: string): Error {
    return new Error(`the compiled codec of ${this.#schema.typeName} ${verb} otherwise than protobuf-es: ${what}`);
  }
}

function attempt<T>(operation: () => T): Outcome<T> {
  try {
    return { ok: true, value: operation() };
  } catch (error) {
    return { ok: false, error };
  }
}

function encodeAlone<T>(codec: Codec<T>, message: T): Uint8Array {
  const arena = new OutputArena();
  arena.begin(0);
  codec.encode(message, arena);
  const { chunks, byteLength } = arena.detach(0);
  return Buffer.concat(chunks, byteLength);
}

function differenceOfBytes(ours: Uint8Array, theirs: Uint8Array): string | undefined {
  const length = Math.min(ours.length, theirs.length);
  for (let i = 0; i < length; i++) {
    if (ours[i] !== theirs[i]) return `byte ${i} is ${ours[i]}, protobuf-es has ${theirs[i]}`;
  }
  return ours.length === theirs.length ? undefined : `${ours.length} bytes, protobuf-es has ${theirs.length}`;
}
