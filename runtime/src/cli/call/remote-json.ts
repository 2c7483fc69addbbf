import { type DescMessage, fromJsonString, type Message, type Registry, toJsonString } from "@bufbuild/protobuf";
import type { RemoteSchema } from "../../services/reflection.js";

/** JSON of a server's messages. What is in a google.protobuf.Any is asked for by reflection when it is met with. */
export class RemoteJson {
  readonly #schema: RemoteSchema;

  constructor(schema: RemoteSchema) {
    this.#schema = schema;
  }

  /** Rejects with the reason, in protobuf-es's words. */
  parse(desc: DescMessage, text: string): Promise<Message> {
    return this.#withTypes((registry) => fromJsonString(desc, text, { registry }));
  }

  /** @param spaces Of an indentation; 0: all in one line. */
  print(desc: DescMessage, message: Message, spaces: number): Promise<string> {
    return this.#withTypes((registry) => toJsonString(desc, message, { registry, prettySpaces: spaces }));
  }

  /** Tries again as long as it brings a type that was missing. */
  async #withTypes<T>(attempt: (registry: Registry) => T): Promise<T> {
    for (;;) {
      const missing = new Set<string>();
      try {
        return attempt(noting(this.#schema.registry, missing));
      } catch (error) {
        if (!(await this.#load(missing))) throw error;
      }
    }
  }

  /** Whether one of them came. */
  async #load(missing: ReadonlySet<string>): Promise<boolean> {
    let isOneNew = false;
    for (const name of missing) if (await this.#schema.load(name).catch(() => false)) isOneNew = true;
    return isOneNew;
  }
}

/** The registry, and a note of each message that it was asked for in vain. */
function noting(registry: Registry, missing: Set<string>): Registry {
  return {
    kind: "registry",
    [Symbol.iterator]: () => registry[Symbol.iterator](),
    get: (name) => registry.get(name),
    getMessage(name) {
      const found = registry.getMessage(name);
      if (found === undefined) missing.add(name);
      return found;
    },
    getEnum: (name) => registry.getEnum(name),
    getExtension: (name) => registry.getExtension(name),
    getExtensionFor: (extendee, number) => registry.getExtensionFor(extendee, number),
    getService: (name) => registry.getService(name),
  };
}
