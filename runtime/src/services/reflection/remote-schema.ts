import { createFileRegistry, type DescService, type FileRegistry, fromBinary, type Registry } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { type CallOptions, type Invoker, StatusCode, StatusError } from "../../index.js";
import { Interviewer, type ReflectionAnswer, type ReflectionQuestion } from "./interviewer.js";
import { wellKnownFile } from "./well-known-files.js";

/** Files that are taken from one server. More would be a server that makes them up. */
const maxFiles = 10_000;

/** What a server tells of its services by reflection, v1 or else v1alpha. Files that have come are kept. */
export interface RemoteSchema {
  /** Full names of the services, as the server lists them. */
  services(): Promise<readonly string[]>;
  /** The descriptor of a service, with all that it needs. Rejects with NOT_FOUND when the server does not know it. */
  service(typeName: string): Promise<DescService>;
  /** Brings whatever has this full name into the registry. False: the server does not know it. */
  load(symbol: string): Promise<boolean>;
  /** All that has come: for JSON of messages in a google.protobuf.Any, and of extensions. */
  readonly registry: Registry;
}

/**
 * Asks a server by reflection. `options` go with each of the calls. What cannot be asked rejects with the StatusError of the
 * call, UNIMPLEMENTED where the server has no reflection; what was answered and makes no sense with INTERNAL.
 */
export function createRemoteSchema(invoker: Invoker, options: CallOptions = {}): RemoteSchema {
  return new AskedSchema(new Interviewer(invoker, options));
}

class AskedSchema implements RemoteSchema {
  readonly #interviewer: Interviewer;
  readonly #files = new Map<string, FileDescriptorProto>();
  #registry: FileRegistry | undefined;

  constructor(interviewer: Interviewer) {
    this.#interviewer = interviewer;
  }

  get registry(): FileRegistry {
    this.#registry ??= link(this.#files);
    return this.#registry;
  }

  async services(): Promise<readonly string[]> {
    const [answer] = await this.#interviewer.ask([{ case: "listServices", value: "*" }]);
    if (answer?.case !== "listServicesResponse") throw unexpected(answer, "a list of services");
    return answer.value.service.map(({ name }) => name);
  }

  async service(typeName: string): Promise<DescService> {
    const isKnown = await this.load(typeName);
    const found = isKnown ? this.registry.getService(typeName) : undefined;
    if (found !== undefined) return found;
    throw new StatusError(StatusCode.NOT_FOUND, `the server does not know a service ${JSON.stringify(typeName)}`);
  }

  async load(symbol: string): Promise<boolean> {
    if (this.registry.get(symbol) !== undefined) return true;
    if (!(await this.#take([{ case: "fileContainingSymbol", value: symbol }]))) return false;
    for (;;) {
      const missing = this.#missingImports();
      if (missing.length === 0) return true;
      await this.#take(missing.map((value) => ({ case: "fileByFilename", value })));
      this.#standIn(missing);
    }
  }

  /** Whether every question had an answer. */
  async #take(questions: readonly ReflectionQuestion[]): Promise<boolean> {
    const answers = await this.#interviewer.ask(questions);
    for (const answer of answers) {
      if (answer.case === "fileDescriptorResponse")
        for (const bytes of answer.value.fileDescriptorProto) this.#add(bytes);
      else if (answer.case !== "errorResponse" || answer.value.errorCode !== StatusCode.NOT_FOUND)
        throw unexpected(answer, "a file");
    }
    return answers.every(({ case: kind }) => kind === "fileDescriptorResponse");
  }

  #add(bytes: Uint8Array): void {
    const file = parse(bytes);
    if (this.#files.has(file.name)) return;
    if (this.#files.size >= maxFiles) throw malformed(`more than ${maxFiles} files`);
    this.#files.set(file.name, file);
    this.#registry = undefined;
  }

  #missingImports(): string[] {
    const missing = new Set<string>();
    for (const { dependency } of this.#files.values())
      for (const name of dependency) if (!this.#files.has(name)) missing.add(name);
    return [...missing];
  }

  /** What a server leaves out because everybody has it. */
  #standIn(asked: readonly string[]): void {
    for (const name of asked) {
      if (this.#files.has(name)) continue;
      const file = wellKnownFile(name);
      if (file === undefined) throw malformed(`an import of ${JSON.stringify(name)}, which it does not know`);
      this.#files.set(name, file);
    }
  }
}

function parse(bytes: Uint8Array): FileDescriptorProto {
  try {
    return fromBinary(FileDescriptorProtoSchema, bytes);
  } catch (cause) {
    throw malformed("a file that is no FileDescriptorProto", cause);
  }
}

/** Imports before what imports them. */
function link(files: ReadonlyMap<string, FileDescriptorProto>): FileRegistry {
  let registry = createFileRegistry();
  const linked = new Set<string>();
  for (const root of files.values()) {
    if (linked.has(root.name)) continue;
    try {
      const its = createFileRegistry(root, (name) => files.get(name));
      for (const { proto } of its.files) linked.add(proto.name);
      registry = createFileRegistry(registry, its);
    } catch (cause) {
      throw malformed(`files that do not fit together (${(cause as Error).message})`, cause);
    }
  }
  return registry;
}

function malformed(what: string, cause?: unknown): StatusError {
  return new StatusError(StatusCode.INTERNAL, `the server's reflection gave ${what}`, { cause });
}

function unexpected(answer: ReflectionAnswer | undefined, expected: string): StatusError {
  if (answer?.case !== "errorResponse") return malformed(`${answer?.case ?? "nothing"}, expected ${expected}`);
  const { errorCode, errorMessage } = answer.value;
  const code = Object.values(StatusCode).find((each) => each === errorCode && each !== StatusCode.OK);
  return new StatusError(code ?? StatusCode.UNKNOWN, errorMessage);
}
