import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createRegistry, type DescFile, type DescMessage, type Message } from "@bufbuild/protobuf";
import { createCompiledCodec } from "godwit/codegen/v1";
import type { Codec } from "../../../src/rpc/codec.js";
import { Dice } from "../fuzz/dice.js";
import { Differential, newTally, type Tally } from "../fuzz/differential.js";
import { RandomMessages } from "../fuzz/random-message.js";
import type { Subject } from "../fuzz/subjects.js";
import type { Generated } from "./generate.js";

export interface RoundTrips {
  /** Message types with a compiled codec. */
  readonly compiled: number;
  /** Those that the plugin leaves to protobuf-es. */
  readonly delegated: number;
  readonly tally: Tally;
}

interface Module {
  readonly messages: Record<string, unknown>;
  /** What protoc-gen-godwit wrote for the same file, if anything. */
  readonly codecs: Record<string, unknown>;
}

/** Takes `count` random messages of every type through our codecs and protobuf-es: bytes and messages have to be equal. */
export async function roundTrip({ folder, modules }: Generated, seed: number, count: number): Promise<RoundTrips> {
  const loaded = await Promise.all(modules.map((path) => load(folder, path)));
  const files = loaded.flatMap(({ messages }) => Object.values(messages).filter(isFile));
  const dice = new Dice(seed);
  const messages = new RandomMessages(dice, createRegistry(...files));
  const tally = newTally();
  const differential = new Differential(tally);
  let compiled = 0;
  let delegated = 0;
  for (const subject of loaded.flatMap(subjectsOf)) {
    if (subject === "delegated") {
      delegated += 1;
      continue;
    }
    compiled += 1;
    for (let i = 0; i < count; i++) {
      try {
        differential.decode(subject, differential.encode(subject, messages.make(subject.desc)), "unmutated");
      } catch (error) {
        throw new Error(`${subject.desc.typeName} (seed ${seed}): ${(error as Error).message}`, { cause: error });
      }
    }
  }
  return { compiled, delegated, tally };
}

async function load(folder: string, path: string): Promise<Module> {
  const file = join(folder, path);
  const codecs = file.replace(/_pb\.js$/, "_godwit.js");
  return {
    messages: await import(pathToFileURL(file).href),
    codecs: existsSync(codecs) ? await import(pathToFileURL(codecs).href) : {},
  };
}

function subjectsOf({ messages, codecs }: Module): (Subject | "delegated")[] {
  return Object.entries(messages).flatMap(([name, value]): (Subject | "delegated")[] => {
    if (!name.endsWith("Schema") || (value as DescMessage).kind !== "message") return [];
    const desc = value as DescMessage;
    const shape = name.slice(0, -"Schema".length);
    // A type may not be called Object: protoc-gen-es puts a $ behind such names.
    const [encode, decode] = ["enc$", "dec$"].map((prefix) => codecs[prefix + shape] ?? codecs[`${prefix}${shape}$`]);
    if (encode === undefined || decode === undefined) return ["delegated"];
    const codec = createCompiledCodec(desc, { encode, decode } as never) as unknown as Codec<Message>;
    return [{ desc, codec }];
  });
}

function isFile(value: unknown): value is DescFile {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "file";
}
