import type { Files } from "../../base/files.js";
import type { Parsed } from "../../base/parsed.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import type { TlsMaterial } from "../../base/tls.js";

/** Why material cannot be used for TLS, in one clause that tells nothing of a key; undefined when it can. */
export type MaterialCheck = (material: TlsMaterial) => string | undefined;

/** What the parts need of the world. */
export interface MaterialPlatform {
  readonly files: Files;
  readonly tlsMaterialProblem: MaterialCheck;
}

/** Files of which the one is worth nothing without the other, as good as they have ever been. */
export interface MaterialPart {
  /** Where a change may be heard of. */
  readonly paths: readonly string[];
  /** The same object until there is something newer that is good; undefined before the first. */
  readonly current: TlsMaterial | undefined;
  /** Reads what there is now. Returns what is wrong with it, a sentence for each; never rejects. */
  read(): Promise<readonly string[]>;
}

/** A chain and a key have a few thousand; what is longer is another file. */
export const maxIdentityBytes = 1024 * 1024;

/** All public authorities together have 220 KB. */
export const maxRootsBytes = 8 * 1024 * 1024;

/** One file; undefined when there is none. */
export async function readMaterial(
  files: Files,
  path: string,
  maxBytes: number,
): Promise<Parsed<Uint8Array | undefined>> {
  try {
    return { value: await files.read(path, maxBytes) };
  } catch (error) {
    return { error: textOfThrown(error) };
  }
}

export function isSameContent(a: Uint8Array, b: Uint8Array | undefined): boolean {
  // Lists are of many megabytes, and compared every minute.
  return b !== undefined && Buffer.from(a.buffer, a.byteOffset, a.length).equals(b);
}

/** How one part's files become material, once all of them have been read. */
export interface PartReader {
  readonly paths: readonly string[];
  readonly maxBytes: number;
  /** @param contents In the order of `paths`. The error is a sentence. */
  parse(contents: readonly Uint8Array[]): Parsed<TlsMaterial>;
}

/** A part that is read as a whole: all its files are good together, or none is taken over. */
export class WholePart implements MaterialPart {
  readonly #files: Files;
  readonly #reader: PartReader;
  /** The content that `#current` is made of: when it comes back, so does nothing new. */
  #good: readonly Uint8Array[] = [];
  #current: TlsMaterial | undefined;
  /** What was found wrong last: it is not parsed again. */
  #bad: { readonly contents: readonly Uint8Array[]; readonly error: string } | undefined;

  constructor(files: Files, reader: PartReader) {
    this.#files = files;
    this.#reader = reader;
  }

  get paths(): readonly string[] {
    return this.#reader.paths;
  }

  get current(): TlsMaterial | undefined {
    return this.#current;
  }

  async read(): Promise<readonly string[]> {
    const { paths, maxBytes } = this.#reader;
    const read = await Promise.all(paths.map((path) => readMaterial(this.#files, path, maxBytes)));
    const contents: Uint8Array[] = [];
    const problems: string[] = [];
    for (const [index, one] of read.entries()) {
      if ("error" in one) problems.push(one.error);
      else if (one.value === undefined) problems.push(`${paths[index]} does not exist`);
      else contents.push(one.value);
    }
    if (problems.length > 0) return problems;
    if (isSame(contents, this.#good)) return [];
    const bad = this.#bad;
    if (bad !== undefined && isSame(contents, bad.contents)) return [bad.error];
    const parsed = this.#reader.parse(contents);
    if ("error" in parsed) {
      this.#bad = { contents, error: parsed.error };
      return [parsed.error];
    }
    this.#good = contents;
    this.#current = parsed.value;
    return [];
  }
}

function isSame(contents: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return contents.every((content, index) => isSameContent(content, others[index]));
}
