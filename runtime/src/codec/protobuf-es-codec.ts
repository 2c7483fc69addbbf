import { type DescMessage, fromBinary, type MessageShape, ScalarType, toBinary } from "@bufbuild/protobuf";
import type { ByteSink } from "../base/byte-sink.js";
import { maxVarintBytes, writeVarint } from "../base/varint.js";
import type { Codec } from "../rpc/codec.js";
import { copyRange, viewRange } from "./byte-range.js";
import { assertMessage } from "./message-init.js";

const codecs = new WeakMap<DescMessage, Codec>();

/** Fields of type bytes from this size on are sent by reference. */
const largeBytes = 16 * 1024;

const noBytes = new Uint8Array(0);

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
  readonly #bytesFields: readonly BytesField[];

  constructor(schema: Desc) {
    this.#schema = schema;
    this.#bytesFields = bytesFieldsOf(schema);
  }

  encode(message: MessageShape<Desc>, sink: ByteSink): void {
    assertMessage(this.#schema, message);
    const large = takeLarge(message, this.#bytesFields);
    if (large === undefined) {
      sink.append(toBinary(this.#schema, message));
      return;
    }
    sink.append(toBinary(this.#schema, large.rest));
    for (const { tag, value } of large.fields) {
      sink.ensure(2 * maxVarintBytes);
      sink.position = writeVarint(sink.bytes, sink.position, tag);
      sink.position = writeVarint(sink.bytes, sink.position, value.length);
      sink.append(value);
    }
  }

  decode(bytes: Uint8Array, start: number, end: number, alias: boolean): MessageShape<Desc> {
    return fromBinary(this.#schema, alias ? viewRange(bytes, start, end) : copyRange(bytes, start, end));
  }
}

/** A field of type bytes of the message itself, neither repeated nor in a oneof. */
interface BytesField {
  readonly name: string;
  /** Field number and wire type LEN. */
  readonly tag: number;
}

function bytesFieldsOf(schema: DescMessage): readonly BytesField[] {
  const fields: BytesField[] = [];
  for (const field of schema.fields) {
    if (field.fieldKind !== "scalar" || field.scalar !== ScalarType.BYTES || field.oneof !== undefined) continue;
    fields.push({ name: field.localName, tag: field.number * 8 + 2 });
  }
  return fields;
}

/**
 * Takes large fields of type bytes out, to be sent by reference behind the rest: protobuf-es would copy them twice, into
 * memory that is new each time. Fields may come in any order (protobuf encoding, "Field Order"). Undefined when there is
 * none; the message is left as it is.
 */
function takeLarge(
  message: object,
  fields: readonly BytesField[],
):
  | { readonly rest: never; readonly fields: readonly { readonly tag: number; readonly value: Uint8Array }[] }
  | undefined {
  let rest: Record<string, unknown> | undefined;
  let large: { tag: number; value: Uint8Array }[] | undefined;
  for (let i = 0; i < fields.length; i++) {
    const { name, tag } = fields[i] as BytesField;
    const value = (message as Record<string, unknown>)[name];
    if (!(value instanceof Uint8Array) || value.length < largeBytes) continue;
    rest ??= Object.assign(Object.create(Object.getPrototypeOf(message)), message) as Record<string, unknown>;
    rest[name] = noBytes;
    large ??= [];
    large.push({ tag, value });
  }
  return rest === undefined || large === undefined ? undefined : { rest: rest as never, fields: large };
}
