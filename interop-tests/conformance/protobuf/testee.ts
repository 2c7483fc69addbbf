/**
 * The program that the runner of protobuf's conformance suite talks to, over stdin and stdout. Binary messages are read
 * and written by our codecs, JSON and text by protobuf-es. `node testee.js <folder of the generated code>`.
 */
import { readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  create,
  createRegistry,
  type DescFile,
  type DescMessage,
  fromBinary,
  fromJsonString,
  getExtension,
  hasExtension,
  type Message,
  type Registry,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import { fromText, toText } from "@bufbuild/protobuf/txtpb";
import type { Codec, Service } from "godwit";
import { modules } from "./generate.js";
import { StandaloneSink } from "./standalone-sink.js";

/** conformance.WireFormat and conformance.TestCategory, as far as they matter. */
const format = { PROTOBUF: 1, JSON: 2, TEXT_FORMAT: 4 } as const;
const JSON_IGNORE_UNKNOWN_PARSING_TEST = 3;

interface Request {
  readonly payload: { readonly case: string; readonly value: never };
  readonly messageType: string;
  readonly requestedOutputFormat: number;
  readonly testCategory: number;
  readonly printUnknownFields: boolean;
}

interface Result {
  readonly case: string;
  readonly value: string | Uint8Array;
}

interface Subject {
  readonly desc: DescMessage;
  readonly codec: Codec<Message>;
}

class Testee {
  readonly #subjects: ReadonlyMap<string, Subject>;
  readonly #registry: Registry;

  constructor(service: Service, files: readonly DescFile[]) {
    this.#subjects = new Map(
      service.methods.map(({ desc, requestCodec }) => {
        return [desc.input.typeName, { desc: desc.input, codec: requestCodec as Codec<Message> }];
      }),
    );
    this.#registry = createRegistry(...files, ...files.flatMap((file) => file.dependencies));
  }

  answer(request: Request): Result {
    const subject = this.#subjects.get(request.messageType);
    if (subject === undefined) return { case: "runtimeError", value: `no message ${request.messageType}` };
    let message: Message;
    try {
      message = this.#read(request, subject);
      this.#readExtensions(subject.desc, message);
    } catch (error) {
      return { case: "parseError", value: String(error) };
    }
    try {
      return this.#write(request, subject, message);
    } catch (error) {
      return { case: "serializeError", value: String(error) };
    }
  }

  #read({ payload, testCategory }: Request, { desc, codec }: Subject): Message {
    const registry = this.#registry;
    switch (payload.case) {
      case "protobufPayload": {
        const bytes: Uint8Array = payload.value;
        return codec.decode(bytes, 0, bytes.length, false);
      }
      case "jsonPayload": {
        const ignoreUnknownFields = testCategory === JSON_IGNORE_UNKNOWN_PARSING_TEST;
        return fromJsonString(desc, payload.value, { ignoreUnknownFields, registry });
      }
      case "textPayload":
        return fromText(desc, payload.value, { registry });
      default:
        throw new Error(`no such payload: ${payload.case}`);
    }
  }

  /** An extension is read from its bytes when somebody asks for it: what is wrong with them shows then. */
  #readExtensions(desc: DescMessage, message: Message): void {
    for (const { no } of message.$unknown ?? []) {
      const extension = this.#registry.getExtensionFor(desc, no);
      if (extension !== undefined && hasExtension(message, extension)) getExtension(message, extension);
    }
  }

  #write(request: Request, { desc, codec }: Subject, message: Message): Result {
    const registry = this.#registry;
    switch (request.requestedOutputFormat) {
      case format.PROTOBUF: {
        const sink = new StandaloneSink();
        codec.encode(message, sink);
        return { case: "protobufPayload", value: sink.written() };
      }
      case format.JSON:
        return { case: "jsonPayload", value: toJsonString(desc, message, { registry }) };
      case format.TEXT_FORMAT: {
        const { printUnknownFields } = request;
        return { case: "textPayload", value: toText(desc, message, { registry, printUnknownFields }) };
      }
      default:
        return { case: "skipped", value: `output format ${request.requestedOutputFormat}` };
    }
  }
}

/** Reads `size` bytes; undefined at the end of the input. */
function read(size: number): Buffer | undefined {
  const buffer = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    const got = readSync(0, buffer, at, size - at, null);
    if (got === 0) return undefined;
    at += got;
  }
  return buffer;
}

function write(bytes: Uint8Array): void {
  const length = Buffer.alloc(4);
  length.writeInt32LE(bytes.length);
  const framed = Buffer.concat([length, bytes]);
  for (let at = 0; at < framed.length; ) at += writeSync(1, framed, at);
}

const gen = process.argv[2];
if (gen === undefined) throw new Error("which folder is the generated code in?");
const load = (path: string) => import(pathToFileURL(join(gen, path)).href) as Promise<Record<string, unknown>>;
const protocol = await load(modules.protocol);
const requestSchema = protocol["ConformanceRequestSchema"] as DescMessage;
const responseSchema = protocol["ConformanceResponseSchema"] as DescMessage;
const failureSetSchema = protocol["FailureSetSchema"] as DescMessage;
const service = (await load(modules.service))["MessagesService"] as Service;
const files = (await Promise.all(modules.files.map(load))).flatMap((module) =>
  Object.values(module).filter((value): value is DescFile => (value as DescFile).kind === "file"),
);
const testee = new Testee(service, files);
for (let length = read(4); length !== undefined; length = read(4)) {
  const bytes = read(length.readInt32LE());
  if (bytes === undefined) break;
  const request = fromBinary(requestSchema, bytes) as unknown as Request;
  // The first request asks for the failures that are known: there are none.
  const result =
    request.messageType === failureSetSchema.typeName
      ? { case: "protobufPayload", value: toBinary(failureSetSchema, create(failureSetSchema)) }
      : testee.answer(request);
  write(toBinary(responseSchema, create(responseSchema, { result } as never)));
}
