import {
  type DescMessage,
  fromJsonString,
  type JsonReadOptions,
  type JsonWriteOptions,
  type MessageShape,
  type Registry,
  toJsonString,
} from "@bufbuild/protobuf";
import type { ByteSink } from "../base/byte-sink.js";
import type { Codec } from "../rpc/codec.js";
import { assertMessage } from "./message-init.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * ProtoJSON for `application/grpc+json`. Unknown fields are ignored when reading, as protobuf's binary form does, so that
 * client and server may be of different versions. `registry` names the types that a google.protobuf.Any may hold.
 */
export function createJsonCodec<Desc extends DescMessage>(
  schema: Desc,
  registry?: Registry,
): Codec<MessageShape<Desc>> {
  return new JsonCodec(schema, registry);
}

class JsonCodec<Desc extends DescMessage> implements Codec<MessageShape<Desc>> {
  readonly #schema: Desc;
  readonly #readOptions: Partial<JsonReadOptions>;
  readonly #writeOptions: Partial<JsonWriteOptions>;

  constructor(schema: Desc, registry: Registry | undefined) {
    this.#schema = schema;
    this.#readOptions = { ignoreUnknownFields: true, registry };
    this.#writeOptions = { registry };
  }

  encode(message: MessageShape<Desc>, sink: ByteSink): void {
    assertMessage(this.#schema, message);
    sink.append(Buffer.from(toJsonString(this.#schema, message, this.#writeOptions)));
  }

  /** Keeps nothing of `bytes`, whatever `alias` says. */
  decode(bytes: Uint8Array, start: number, end: number): MessageShape<Desc> {
    return fromJsonString(this.#schema, utf8.decode(bytes.subarray(start, end)), this.#readOptions);
  }
}
