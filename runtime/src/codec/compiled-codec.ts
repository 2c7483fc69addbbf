import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { ByteSink } from "../base/byte-sink.js";
import type { Codec } from "../rpc/codec.js";
import { WireReader } from "./compiled/wire-reader.js";

/** What protoc-gen-godwit writes for a message type. */
export interface CompiledFunctions<T = unknown> {
  /** Appends the message's fields. */
  encode(message: T, w: ByteSink): void;
  /**
   * Reads fields up to `end`, or to the tag `stop` of a group's end (-1 for none), into `target` or a new message. Calls
   * `r.leave` when it is done.
   */
  decode(r: WireReader, end: number, stop: number, target?: T): T;
}

/** The same for a message type that is not known to the compiler. */
export interface SomeCompiledFunctions {
  encode(message: never, w: ByteSink): void;
  decode(r: WireReader, end: number, stop: number, target?: never): unknown;
}

/** A codec of compiled functions. Its messages are those of protobuf-es, to the last property. */
export function createCompiledCodec<Desc extends DescMessage>(
  schema: Desc,
  functions: CompiledFunctions<MessageShape<Desc>>,
): Codec<MessageShape<Desc>> {
  return new CompiledCodec(schema, functions);
}

class CompiledCodec<Desc extends DescMessage> implements Codec<MessageShape<Desc>> {
  readonly #schema: Desc;
  readonly #typeName: string;
  readonly #functions: CompiledFunctions<MessageShape<Desc>>;

  constructor(schema: Desc, functions: CompiledFunctions<MessageShape<Desc>>) {
    this.#schema = schema;
    this.#typeName = schema.typeName;
    this.#functions = functions;
  }

  encode(message: MessageShape<Desc>, sink: ByteSink): void {
    try {
      this.#functions.encode(message, sink);
    } catch (error) {
      throw explain(this.#schema, message, error);
    }
  }

  decode(bytes: Uint8Array, start: number, end: number, alias: boolean): MessageShape<Desc> {
    const r = new WireReader(this.#typeName, bytes, start, end, alias);
    return this.#functions.decode(r, end, -1);
  }
}

/** Compiled functions do not know which field they were in when a value was refused; protobuf-es does. */
function explain<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>, error: unknown): unknown {
  if (error instanceof TypeError) return error;
  try {
    toBinary(schema, message);
  } catch (reason) {
    return reason;
  }
  return error;
}
