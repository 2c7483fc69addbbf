/** Names of everything that a stub exports, decided once a file, so that no two of them can meet. */
import type { DescFile, DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import type { GeneratedFile } from "@bufbuild/protoplugin";
import { GenerationError } from "./generation-error.js";
import { stringLiteral } from "./string-literal.js";

export interface MethodNames {
  readonly desc: DescMethod;
  /** Name of the function on clients and handlers, and key in the service's literal. */
  readonly localName: string;
}

export interface ServiceNames {
  readonly desc: DescService;
  /** The exported constant; as protoc-gen-es calls its descriptor. */
  readonly service: string;
  readonly client: string;
  readonly handlers: string;
  readonly methods: readonly MethodNames[];
}

export interface FileNames {
  readonly services: readonly ServiceNames[];
  /** Name of the exported init type of each message that a method takes or gives, in the order of printing. */
  readonly inits: ReadonlyMap<DescMessage, string>;
}

/** Resolves descriptors to the names that protoc-gen-es gave them. */
export type NameSource = Pick<GeneratedFile, "importSchema" | "importShape">;

const identifierPattern = /^[A-Za-z_$][\w$]*$/;

/**
 * Names that mean something else on an object: `then` would make a promise of the client, and `__proto__` in a literal
 * sets the prototype. protobuf-es has escaped `constructor`, `toString`, `toJSON` and `valueOf` in the same way.
 */
const reservedMethodNames: ReadonlySet<string> = new Set(["then", "__proto__"]);

/** Throws a GenerationError when a name cannot be had. */
export function nameFile(file: DescFile, names: NameSource): FileNames {
  const taken = namesOfMessages(file, names);
  const constants = file.services.map((desc) => checkIdentifier(names.importSchema(desc).name, desc.toString()));
  for (const constant of constants) taken.add(constant);
  const services = file.services.map((desc, index) => {
    const service = constants[index] as string;
    const base = desc.name;
    return {
      desc,
      service,
      client: claim(`${base}Client`, taken),
      handlers: claim(`${base}Handlers`, taken),
      methods: nameMethods(desc),
    };
  });
  return { services, inits: nameInits(file, names, taken) };
}

/** Messages that the methods of a file take or give: the file's own first, then by full name. */
export function messagesOf(file: DescFile): DescMessage[] {
  const messages = new Set<DescMessage>();
  for (const service of file.services) {
    for (const method of service.methods) messages.add(method.input).add(method.output);
  }
  const rank = (message: DescMessage) => (message.file === file ? 0 : 1);
  return [...messages].sort((a, b) => rank(a) - rank(b) || (a.typeName < b.typeName ? -1 : 1));
}

function nameInits(file: DescFile, names: NameSource, taken: Set<string>): Map<DescMessage, string> {
  const inits = new Map<DescMessage, string>();
  for (const message of messagesOf(file)) {
    const shape = checkIdentifier(names.importShape(message).name, message.toString());
    inits.set(message, claim(`${shape}Init`, taken));
  }
  return inits;
}

function nameMethods(service: DescService): MethodNames[] {
  const owners = new Map<string, DescMethod>();
  return service.methods.map((desc) => {
    const localName = reservedMethodNames.has(desc.localName) ? `${desc.localName}$` : desc.localName;
    checkIdentifier(localName, desc.toString());
    const other = owners.get(localName);
    if (other !== undefined) {
      throw new GenerationError(
        `${service.file.proto.name}: methods ${other.name} and ${desc.name} of service ${service.typeName} would both be called ${localName}: rename one of them`,
      );
    }
    owners.set(localName, desc);
    return { desc, localName };
  });
}

/**
 * What protoc-gen-es exports for the messages and enums of this file. Our names keep clear of it, so that both modules
 * can be imported side by side.
 */
function namesOfMessages(file: DescFile, names: NameSource): Set<string> {
  const taken = new Set<string>();
  for (const type of nestedTypes(file)) {
    if (type.kind !== "message" && type.kind !== "enum") continue;
    taken.add(names.importShape(type).name).add(names.importSchema(type).name);
  }
  return taken;
}

/** The first of name, name$, name$1, name$2 … that is free; `$` cannot occur in a .proto. */
function claim(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 0; taken.has(free); i++) free = i === 0 ? `${name}$` : `${name}$${i}`;
  taken.add(free);
  return free;
}

/** protoc lets no other name through, but a request can be made by hand. */
function checkIdentifier(name: string, owner: string): string {
  if (identifierPattern.test(name)) return name;
  throw new GenerationError(`${owner} cannot be generated: ${stringLiteral(name)} is not an identifier of TypeScript`);
}
