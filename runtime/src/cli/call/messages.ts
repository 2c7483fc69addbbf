import type { DescMethod, Message } from "@bufbuild/protobuf";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { CommandError, UsageError } from "../command.js";
import { JsonSplitter } from "./json-splitter.js";
import type { RemoteJson } from "./remote-json.js";

/** The requests of a call: what the command line has, or what comes from standard input as it comes. */
export class RequestMessages {
  readonly #method: DescMethod;
  readonly #json: RemoteJson;
  readonly #pieces: AsyncIterable<Uint8Array | string> | Iterable<string>;
  /** What was wrong with one of them, which ended the call. */
  problem: Error | undefined;

  constructor(method: DescMethod, json: RemoteJson, pieces: AsyncIterable<Uint8Array | string> | Iterable<string>) {
    this.#method = method;
    this.#json = json;
    this.#pieces = pieces;
  }

  /** The only one. Rejects with UsageError when there is another number of them. */
  async single(): Promise<Message> {
    const all: Message[] = [];
    for await (const message of this.all()) all.push(message);
    const [only] = all;
    if (all.length === 1 && only !== undefined) return only;
    throw new UsageError(`${this.#method.name} takes one message, and there are ${all.length}`);
  }

  async *all(): AsyncGenerator<Message> {
    let count = 0;
    try {
      for await (const text of this.#documents()) {
        count += 1;
        yield await this.#parse(text, count);
      }
    } catch (error) {
      this.problem = error as Error;
      throw error;
    }
  }

  async #parse(text: string, index: number): Promise<Message> {
    const { input } = this.#method;
    try {
      return await this.#json.parse(input, text);
    } catch (error) {
      throw new CommandError(`message ${index} is no ${input.typeName}: ${textOfThrown(error)}`);
    }
  }

  async *#documents(): AsyncGenerator<string> {
    const splitter = new JsonSplitter();
    const decoder = new TextDecoder();
    for await (const piece of this.#pieces) {
      yield* splitter.push(typeof piece === "string" ? piece : decoder.decode(piece, { stream: true }));
    }
    yield* splitter.push(decoder.decode());
    yield* splitter.end();
  }
}
