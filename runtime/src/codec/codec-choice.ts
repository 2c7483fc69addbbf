import { type DescMessage, protoInt64 } from "@bufbuild/protobuf";
import type { Codec } from "../rpc/codec.js";
import { type CompiledFunctions, createCompiledCodec, type SomeCompiledFunctions } from "./compiled-codec.js";
import { createProtobufEsCodec } from "./protobuf-es-codec.js";
import { createVerifyingCodec } from "./verifying-codec.js";

/** Which codecs are used where generated code brings its own. */
export type CodecChoice = "compiled" | "protobuf-es" | "verify";

const choices: readonly string[] = ["compiled", "protobuf-es", "verify"] satisfies CodecChoice[];

/**
 * The environment variable GODWIT_CODEC: `compiled` is the default; `protobuf-es` is for the day when compiled code is under
 * suspicion; `verify` runs both and compares, for tests. Throws TypeError for another value: who sets it wants to be sure.
 */
export function codecChoice(value: string | undefined = process.env["GODWIT_CODEC"]): CodecChoice {
  if (value === undefined || value === "") return "compiled";
  if (choices.includes(value)) return value as CodecChoice;
  throw new TypeError(`the environment variable GODWIT_CODEC is "${value}", expected ${choices.join(", ")}`);
}

const compiled = new WeakMap<DescMessage, Codec>();

/** The codec of a message type: one for each, whatever methods use it. */
export function chooseCodec(
  schema: DescMessage,
  functions: SomeCompiledFunctions | undefined,
  choice: CodecChoice = codecChoice(),
): Codec {
  // Without bigints messages have text in their place (BUF_BIGINT_DISABLE), which compiled code does not know.
  if (functions === undefined || choice === "protobuf-es" || !protoInt64.supported) {
    return createProtobufEsCodec(schema) as Codec;
  }
  let codec = compiled.get(schema);
  if (codec === undefined) {
    codec = createCompiledCodec(schema, functions as CompiledFunctions<never>) as Codec;
    compiled.set(schema, codec);
  }
  return choice === "verify" ? (createVerifyingCodec(schema, codec as Codec<never>) as Codec) : codec;
}
