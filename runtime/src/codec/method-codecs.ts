import { createRegistry, type DescFile, type Registry } from "@bufbuild/protobuf";
import type { Codec } from "../rpc/codec.js";
import { type MessageFormat, messageFormats } from "../rpc/message-format.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import { createJsonCodec } from "./json-codec.js";

/** The codecs of a method in one format. A MethodDescriptor has those of the binary form. */
export interface MethodCodecs {
  readonly requestCodec: Codec;
  readonly responseCodec: Codec;
}

export interface MethodCodecTableOptions {
  /** Default: all. */
  readonly formats?: readonly MessageFormat[] | undefined;
  /** What a google.protobuf.Any in JSON may hold, besides the types of the method's own file and of its imports. */
  readonly jsonTypes?: Registry | undefined;
}

/** The codecs of methods in the formats that a channel or server knows. Those of JSON are made when they are first asked for. */
export class MethodCodecTable {
  readonly formats: readonly MessageFormat[];
  readonly #jsonTypes: Registry | undefined;
  /** Undefined while nobody has asked for one. */
  #json: WeakMap<MethodDescriptor, MethodCodecs> | undefined;

  constructor(options: MethodCodecTableOptions = {}) {
    this.formats = options.formats ?? messageFormats;
    this.#jsonTypes = options.jsonTypes;
  }

  /** Whether a subtype of content-type is one of the formats. */
  has(subtype: string): subtype is MessageFormat {
    return this.formats.includes(subtype as MessageFormat);
  }

  codecsOf(method: MethodDescriptor, format: MessageFormat): MethodCodecs {
    return format === "proto" ? method : this.#jsonCodecsOf(method);
  }

  #jsonCodecsOf(method: MethodDescriptor): MethodCodecs {
    this.#json ??= new WeakMap();
    let codecs = this.#json.get(method);
    if (codecs === undefined) {
      const { input, output, parent } = method.desc;
      const types = typesOf(parent.file, this.#jsonTypes);
      codecs = {
        requestCodec: createJsonCodec(input, types) as Codec,
        responseCodec: createJsonCodec(output, types) as Codec,
      };
      this.#json.set(method, codecs);
    }
    return codecs;
  }
}

/** The types of a file and of all that it imports; `more` comes last, so that its types go before theirs. */
function typesOf(file: DescFile, more: Registry | undefined): Registry {
  const files = new Set<DescFile>([file]);
  for (const each of files) for (const dependency of each.dependencies) files.add(dependency);
  return createRegistry(...files, ...(more === undefined ? [] : [more]));
}
