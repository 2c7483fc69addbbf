/** An encoder and decoder in another language: a process that reads a question a line and answers each with a line. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { Field, Step } from "./header-lists.js";
import type { PeerCommand } from "./install.js";

/** A block, and what the decoding side announces before it. */
export interface SentBlock {
  readonly tableSizes: readonly number[];
  readonly block: Buffer;
}

export interface DecodedLists {
  readonly lists: readonly (readonly Field[])[];
  /** What it says of the block behind the last list. */
  readonly error: string | undefined;
}

interface Answer {
  readonly blocks?: readonly string[];
  readonly lists?: readonly (readonly Field[])[];
  readonly error?: string;
}

export class Peer {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #lines: Interface;
  readonly #exit: Promise<unknown[]>;

  constructor({ name, command, args, env }: PeerCommand) {
    this.name = name;
    const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "inherit"] });
    this.#child = child;
    this.#lines = createInterface(child.stdout);
    this.#exit = once(child, "exit");
  }

  /** A new encoder writes the lists one after the other. */
  async encode(steps: readonly Step[]): Promise<Buffer[]> {
    const encode = steps.map(({ tableSizes, fields }) => ({ sizes: tableSizes, fields: fields.map(asHex) }));
    const { blocks = [] } = await this.#ask({ encode });
    return blocks.map((block) => Buffer.from(block, "hex"));
  }

  /** A new decoder reads the blocks one after the other, up to the first that it does not take. */
  async decode(blocks: readonly SentBlock[]): Promise<DecodedLists> {
    const decode = blocks.map(({ tableSizes, block }) => ({ sizes: tableSizes, block: block.toString("hex") }));
    const { lists = [], error } = await this.#ask({ decode });
    return { lists: lists.map((list) => list.map(fromHex)), error };
  }

  stop(): void {
    this.#child.stdin?.end();
  }

  async #ask(question: object): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify(question)}\n`);
    const [line] = await Promise.race([once(this.#lines, "line"), this.#exit]);
    if (typeof line !== "string") throw new Error(`${this.name} has ended`);
    return JSON.parse(line) as Answer;
  }
}

function asHex({ name, value, secret }: Field): Field {
  return { name: recode(name, "latin1", "hex"), value: recode(value, "latin1", "hex"), secret };
}

function fromHex({ name, value, secret }: Field): Field {
  return { name: recode(name, "hex", "latin1"), value: recode(value, "hex", "latin1"), secret };
}

function recode(text: string, from: BufferEncoding, to: BufferEncoding): string {
  return Buffer.from(text, from).toString(to);
}
