import type { Files } from "../../base/files.js";
import type { Parsed } from "../../base/parsed.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { type EndpointDocument, parseEndpointDocument } from "./endpoint-document.js";

/** A file that is longer is no list of endpoints. */
const maxFileBytes = 4 * 1024 * 1024;

/** Files of a folder that are read; each is a server that registered. */
const maxFiles = 10_000;

/** Files that are open at one time. */
const openFiles = 16;

const suffix = ".json";

/**
 * The documents of one file, or of every `*.json` file in a folder, as good as they have ever been: one that is broken
 * holds in its last good form until it is whole again, or gone from its folder.
 */
export class FileDocuments {
  readonly #path: string;
  readonly #files: Files;
  readonly #defaultPort: number;
  #isKnown = false;
  #known = new Map<string, EndpointDocument>();

  /** @param path Of a folder if it ends in a slash. */
  constructor(path: string, files: Files, defaultPort: number) {
    this.#path = path;
    this.#files = files;
    this.#defaultPort = defaultPort;
  }

  get documents(): readonly EndpointDocument[] {
    return [...this.#known.values()];
  }

  /** Whether anything was good so far. An empty folder is. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Reads what there is now. Returns what is wrong with it, a sentence for each; never rejects. */
  async read(): Promise<readonly string[]> {
    try {
      return this.#path.endsWith("/") ? await this.#readFolder() : await this.#readOne();
    } catch (error) {
      return [textOfThrown(error)];
    }
  }

  async #readOne(): Promise<readonly string[]> {
    const found = await this.#readFile(this.#path);
    if (found === undefined) return [`${this.#path} does not exist`];
    if ("error" in found) return [found.error];
    this.#known.set(this.#path, found.value);
    this.#isKnown = true;
    return [];
  }

  async #readFolder(): Promise<readonly string[]> {
    const all = await this.#files.list(this.#path);
    if (all === undefined) return [`${this.#path} does not exist`];
    // A name with a dot in front is a file that is still being written.
    const names = all.filter((name) => name.endsWith(suffix) && !name.startsWith(".")).sort();
    const read = names.slice(0, maxFiles);
    const problems = read.length < names.length ? [`${this.#path} has ${names.length} files, limit ${maxFiles}`] : [];
    const known = new Map<string, EndpointDocument>();
    for (let from = 0; from < read.length; from += openFiles) {
      const names = read.slice(from, from + openFiles);
      const found = await Promise.all(names.map((name) => this.#readFile(this.#path + name)));
      for (const [index, name] of names.entries()) {
        const file = found[index];
        // Undefined: it went away since the folder was listed.
        if (file !== undefined && "error" in file) problems.push(file.error);
        const document = file !== undefined && "value" in file ? file.value : file && this.#known.get(name);
        if (document !== undefined) known.set(name, document);
      }
    }
    this.#known = known;
    this.#isKnown = true;
    return problems;
  }

  /** Undefined where there is none. */
  async #readFile(path: string): Promise<Parsed<EndpointDocument> | undefined> {
    try {
      const bytes = await this.#files.read(path, maxFileBytes);
      if (bytes === undefined) return undefined;
      const parsed = parseEndpointDocument(new TextDecoder().decode(bytes), this.#defaultPort);
      return "error" in parsed ? { error: `${path} is broken: ${parsed.error}` } : parsed;
    } catch (error) {
      return { error: textOfThrown(error) };
    }
  }
}
