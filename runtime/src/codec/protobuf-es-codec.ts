import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { ByteSink } from "../base/byte-sink.js";
import type { Codec } from "../rpc/codec.js";
import { assertMessage } from "./message-init.js";

const codecs = new WeakMap<DescMessage, Codec>();

/** Copies up to this long are made in a loop: cheaper than a view object and a call. */
const loopCopyBytes = 32;

/** The codec that is always right: protobuf-es itself. One for each schema. */
export function createProtobufEsCodec<Desc extends DescMessage>(schema: Desc): Codec<MessageShape<Desc>> {
  let codec = codecs.get(schema) as Codec<MessageShape<Desc>> | undefined;
  if (codec === undefined) {
    codec = new ProtobufEsCodec(schema);
    codecs.set(schema, codec as Codec);
  }
  return codec;
}

class ProtobufEsCodec<Desc extends DescMessage> implements Codec<MessageShape<Desc>> {
  readonly #schema: Desc;

  constructor(schema: Desc) {
    this.#schema = schema;
  }

  encode(message: MessageShape<Desc>, sink: ByteSink): void {
    assertMessage(this.#schema, message);
    sink.append(toBinary(this.#schema, message));
  }

  decode(bytes: Uint8Array, start: number, end: number, alias: boolean): MessageShape<Desc> {
    return fromBinary(this.#schema, alias ? viewOf(bytes, start, end) : copyOf(bytes, start, end));
  }
}

/**
 * Never a Buffer, also when `bytes` is one: fields of type bytes are views of what protobuf-es was given, of the same
 * class, and `slice` of a Buffer would share memory where a user expects a copy.
 */
function viewOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}

/** From the process's pool where it fits: memory of its own for each small message costs more than all of its decoding. */
function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const size = end - start;
  const pooled = Buffer.allocUnsafe(size);
  if (size <= loopCopyBytes) for (let i = 0; i < size; i++) pooled[i] = bytes[start + i] as number;
  else pooled.set(viewOf(bytes, start, end));
  return viewOf(pooled, 0, size);
}
