import type { Parsed } from "../../base/parsed.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import type { TlsMaterial } from "../../base/tls.js";
import { parsePemOrDer } from "../pem.js";
import { isSameContent, type MaterialPart, type MaterialPlatform, readMaterial } from "./material-part.js";

/** The largest lists of public authorities have about 10 MB. */
const maxListBytes = 16 * 1024 * 1024;

/** Of all files together: they are kept in memory, and each secure context has a copy. */
const maxFolderBytes = 64 * 1024 * 1024;

/** An authority each. */
const maxListFiles = 1000;

/** Files that are open at one time. */
const openFiles = 8;

interface ListFile {
  readonly content: Uint8Array;
  readonly lists: readonly Uint8Array[];
}

interface BrokenFile {
  readonly content: Uint8Array;
  readonly error: string;
}

/**
 * Revocation lists of a folder (gRFC A69). When all of it can be read, it is the truth: lists that are gone hold no longer.
 * When a file cannot be, nobody knows whose it was: the others are taken over, and nothing is forgotten. A folder without
 * any list is never taken over, since nothing would be checked then.
 */
export class CrlFolder implements MaterialPart {
  readonly paths: readonly string[];
  readonly #platform: MaterialPlatform;
  readonly #folder: string;
  #known = new Map<string, ListFile>();
  /** What was found wrong is not parsed again. */
  #broken = new Map<string, BrokenFile>();
  #current: TlsMaterial | undefined;

  constructor(platform: MaterialPlatform, folder: string) {
    this.#platform = platform;
    this.#folder = folder.endsWith("/") ? folder : `${folder}/`;
    this.paths = [this.#folder];
  }

  get current(): TlsMaterial | undefined {
    return this.#current;
  }

  async read(): Promise<readonly string[]> {
    try {
      const all = await this.#platform.files.list(this.#folder);
      if (all === undefined) return [`${this.#folder} does not exist`];
      // Kubernetes' own folders begin with two dots, files that are still being written with one.
      return await this.#readFiles(all.filter((name) => !name.startsWith(".")).sort());
    } catch (error) {
      return [textOfThrown(error)];
    }
  }

  async #readFiles(names: readonly string[]): Promise<readonly string[]> {
    if (names.length > maxListFiles) return [`${this.#folder} has ${names.length} files, limit ${maxListFiles}`];
    const problems: string[] = [];
    const found = new Map<string, ListFile>();
    const broken = new Map<string, BrokenFile>();
    for (let from = 0; from < names.length; from += openFiles) {
      const some = names.slice(from, from + openFiles);
      const read = await Promise.all(some.map((name) => this.#readFile(name, broken)));
      for (const [index, name] of some.entries()) {
        const file = read[index];
        if (file !== undefined && "error" in file) problems.push(file.error);
        if (file !== undefined && "value" in file) found.set(name, file.value);
      }
      const bytes = total(found);
      if (bytes > maxFolderBytes) return [`${this.#folder} has more than ${maxFolderBytes} bytes of lists`];
    }
    this.#broken = broken;
    const known = problems.length === 0 ? found : new Map([...this.#known, ...found]);
    if (known.size > maxListFiles || total(known) > maxFolderBytes) {
      return [...problems, `${this.#folder} has too much that cannot be forgotten before it can be read`];
    }
    if (known.size === 0) return [...problems, `${this.#folder} holds no revocation list`];
    if (!isSame(known, this.#known)) this.#current = { crls: [...known.values()].flatMap(({ lists }) => lists) };
    this.#known = known;
    return problems;
  }

  /** Undefined when it went away since the folder was listed. */
  async #readFile(name: string, broken: Map<string, BrokenFile>): Promise<Parsed<ListFile> | undefined> {
    const path = this.#folder + name;
    const read = await readMaterial(this.#platform.files, path, maxListBytes);
    if ("error" in read) return read;
    const content = read.value;
    if (content === undefined) return undefined;
    const known = this.#known.get(name);
    if (known !== undefined && isSameContent(content, known.content)) return { value: known };
    const before = this.#broken.get(name);
    const parsed = before !== undefined && isSameContent(content, before.content) ? before : this.#parse(path, content);
    if ("value" in parsed) return parsed;
    broken.set(name, { content, error: parsed.error });
    return { error: parsed.error };
  }

  #parse(path: string, content: Uint8Array): Parsed<ListFile> {
    const lists = parsePemOrDer(content, "X509 CRL");
    if ("error" in lists) return { error: `${path} ${lists.error}` };
    const problem = this.#platform.tlsMaterialProblem({ crls: lists.value });
    return problem === undefined
      ? { value: { content, lists: lists.value } }
      : { error: `cannot use ${path}: ${problem}` };
  }
}

function total(files: ReadonlyMap<string, ListFile>): number {
  return [...files.values()].reduce((bytes, { content }) => bytes + content.length, 0);
}

function isSame(a: ReadonlyMap<string, ListFile>, b: ReadonlyMap<string, ListFile>): boolean {
  return a.size === b.size && [...a].every(([name, file]) => b.get(name) === file);
}
