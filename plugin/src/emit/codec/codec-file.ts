import type { DescFile, DescMessage } from "@bufbuild/protobuf";
import type { GeneratedFile, ImportSymbol, Printable, Target } from "@bufbuild/protoplugin";
import { stringLiteral } from "../../string-literal.js";
import type { CodecPlan } from "./codec-plan.js";
import type { MessageKind } from "./field-kind.js";
import { wellKnownOf } from "./well-known.js";

/** An output while the codecs in it are printed. */
export interface CodecFile {
  readonly f: GeneratedFile;
  readonly desc: DescFile;
  readonly target: Target;
  readonly plan: CodecPlan;
  /** A name of the runtime's entry for generated code. */
  runtime(name: string): ImportSymbol;
  /** A type of that entry. */
  runtimeType(name: string): ImportSymbol;
}

export function createCodecFile(
  f: GeneratedFile,
  desc: DescFile,
  target: Target,
  plan: CodecPlan,
  runtime: string,
): CodecFile {
  const entry = `${runtime}/codegen/v1`;
  return {
    f,
    desc,
    target,
    plan,
    runtime: (name) => f.import(name, entry),
    runtimeType: (name) => f.import(name, entry, true),
  };
}

/** A type where TypeScript is printed, nothing in JavaScript. */
export function typed({ target }: CodecFile, ...type: Printable[]): Printable[] {
  return target === "js" ? [] : type;
}

/** `.name`, or what JavaScript takes in its place. */
export function access(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${stringLiteral(name)}]`;
}

/** Key of an object literal. */
export function propertyKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : stringLiteral(name);
}

/** The functions of a message type, as they are called. */
export interface CodecFunctions {
  readonly encode: Printable;
  readonly decode: Printable;
}

/** The compiled functions of a message; undefined when protobuf-es reads and writes it. */
export function codecFunctions(file: CodecFile, message: DescMessage): CodecFunctions | undefined {
  const { f, desc, plan } = file;
  if (plan.isOff) return undefined;
  const wellKnown = wellKnownOf(message);
  if (wellKnown?.kind === "wrapper") {
    const object = file.runtime(wellKnown.name);
    return { encode: [object, ".encode"], decode: [object, ".decode"] };
  }
  if (wellKnown !== undefined) {
    return { encode: file.runtime(`enc${wellKnown.name}`), decode: file.runtime(`dec${wellKnown.name}`) };
  }
  if (!plan.has(message)) return undefined;
  const from = message.file === desc ? `./${desc.name}_pb.js` : f.importSchema(message).from;
  // Messages of a package: nobody may have put codecs there.
  if (!from.startsWith("./")) return undefined;
  const { encode, decode } = codecNames(f, message);
  const path = from.replace(/_pb\.js$/, "_godwit.js");
  return { encode: f.import(encode, path), decode: f.import(decode, path) };
}

/** The functions of what a field has in place of a message: JSON for a Struct, the value for a wrapper. */
function bareFunctions(file: CodecFile, message: DescMessage): CodecFunctions {
  const wellKnown = wellKnownOf(message);
  if (wellKnown?.kind === "wrapper") {
    const object = file.runtime(wellKnown.name);
    return { encode: [object, ".encodeBare"], decode: [object, ".decodeBare"] };
  }
  return { encode: file.runtime("encBareStruct"), decode: file.runtime("decBareStruct") };
}

/** Statement that writes the message `value`. */
export function encodeCall(file: CodecFile, { desc, isBare }: MessageKind, value: Printable): Printable[] {
  const functions = isBare ? bareFunctions(file, desc) : codecFunctions(file, desc);
  if (functions !== undefined) return [functions.encode, "(", value, ", w);"];
  return [file.runtime("encForeign"), "(", value, ", w, ", file.f.importSchema(desc), ");"];
}

/** Expression that reads a message that was entered, into what `target` gives or a new one. */
export function decodeCall(
  file: CodecFile,
  { desc, isBare }: MessageKind,
  entered: string,
  stop: number,
  target: Printable[] | undefined,
): Printable[] {
  const functions = isBare ? bareFunctions(file, desc) : codecFunctions(file, desc);
  if (functions === undefined) {
    const schema = file.f.importSchema(desc);
    const call = [file.runtime("decForeign"), `(r, ${entered}, ${stop}, `];
    return [...call, ...(target ?? ["undefined"]), ", ", schema, ")"];
  }
  return [functions.decode, `(r, ${entered}, ${stop}`, ...(target === undefined ? [] : [", ", ...target]), ")"];
}

/** Names of what is printed for a message. Nothing that comes from a .proto has a `$` behind its first letters. */
export function codecNames(
  f: Pick<GeneratedFile, "importShape">,
  message: DescMessage,
): Record<"encode" | "decode" | "create" | "shape", string> {
  const { name } = f.importShape(message);
  return { encode: `enc$${name}`, decode: `dec$${name}`, create: `new$${name}`, shape: `shape$${name}` };
}
