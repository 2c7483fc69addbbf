import type { DescFile, DescMessage } from "@bufbuild/protobuf";
import type { GeneratedFile, ImportSymbol, Printable, Target } from "@bufbuild/protoplugin";
import { stringLiteral } from "../../string-literal.js";
import type { CodecPlan } from "./codec-plan.js";

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

/** Calls the functions of a message that stands in another one. */
export interface MessageCalls {
  /** Statement that writes the message `value`. */
  encode(value: Printable): Printable[];
  /** Expression that reads a message that was entered. */
  decode(entered: string, stop: number, target: Printable[] | undefined): Printable[];
}

export function messageCalls(file: CodecFile, message: DescMessage): MessageCalls {
  const symbols = codecSymbols(file, message);
  if (symbols !== undefined) {
    const [encode, decode] = symbols;
    return {
      encode: (value) => [encode, "(", value, ", w);"],
      decode: (entered, stop, target) => {
        const last = target === undefined ? [] : [", ", ...target];
        return [decode, `(r, ${entered}, ${stop}`, ...last, ")"];
      },
    };
  }
  const schema = file.f.importSchema(message);
  return {
    encode: (value) => [file.runtime("encForeign"), "(", value, ", w, ", schema, ");"],
    decode: (entered, stop, target = ["undefined"]) => {
      return [file.runtime("decForeign"), `(r, ${entered}, ${stop}, `, ...target, ", ", schema, ")"];
    },
  };
}

/** The compiled functions of a message; undefined when protobuf-es reads and writes it. */
export function codecSymbols(
  { f, desc, plan }: CodecFile,
  message: DescMessage,
): [encode: ImportSymbol, decode: ImportSymbol] | undefined {
  if (!plan.has(message)) return undefined;
  const from = message.file === desc ? `./${desc.name}_pb.js` : f.importSchema(message).from;
  // Messages of a package: nobody may have put codecs there.
  if (!from.startsWith("./")) return undefined;
  const { encode, decode } = codecNames(f, message);
  const path = from.replace(/_pb\.js$/, "_godwit.js");
  return [f.import(encode, path), f.import(decode, path)];
}

/** Names of what is printed for a message. Nothing that comes from a .proto has a `$` behind its first letters. */
export function codecNames(
  f: Pick<GeneratedFile, "importShape">,
  message: DescMessage,
): Record<"encode" | "decode" | "create" | "shape", string> {
  const { name } = f.importShape(message);
  return { encode: `enc$${name}`, decode: `dec$${name}`, create: `new$${name}`, shape: `shape$${name}` };
}
