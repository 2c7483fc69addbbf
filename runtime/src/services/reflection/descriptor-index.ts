import { type DescFile, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { declaredNames } from "./declared-names.js";

/**
 * The files behind some services, with all that they import, by whatever may be asked for. Of two files, symbols or
 * extensions with one name the first counts. Looked up in Maps only: what is asked for is a peer's.
 */
export class DescriptorIndex {
  readonly #files = new Map<string, DescFile>();
  readonly #bySymbol = new Map<string, DescFile>();
  readonly #messages = new Set<string>();
  /** By the message that is extended, then by number. */
  readonly #extensions = new Map<string, Map<number, DescFile>>();
  readonly #encoded = new Map<DescFile, Uint8Array>();

  constructor(roots: Iterable<DescFile>) {
    for (const root of roots) this.#add(root);
  }

  file(name: string): DescFile | undefined {
    return this.#files.get(name);
  }

  fileOfSymbol(name: string): DescFile | undefined {
    return this.#bySymbol.get(name);
  }

  fileOfExtension(extendee: string, number: number): DescFile | undefined {
    return this.#extensions.get(extendee)?.get(number);
  }

  /** In ascending order; undefined when there is no such message. */
  extensionNumbers(extendee: string): number[] | undefined {
    const known = this.#extensions.get(extendee);
    if (known !== undefined) return [...known.keys()].sort((a, b) => a - b);
    return this.#messages.has(extendee) ? [] : undefined;
  }

  /**
   * The file and, behind it, what it imports, as bytes. Imports whose names are in `sent` are left out; all that are given
   * are added to it.
   */
  withImports(root: DescFile, sent: Set<string>): Uint8Array[] {
    const found: Uint8Array[] = [];
    // A set goes on to what is added to it while it is walked.
    const reached = new Set([root]);
    for (const file of reached) {
      const { name } = file.proto;
      if (file === root || !sent.has(name)) found.push(this.#encode(file));
      sent.add(name);
      for (const each of file.dependencies) reached.add(this.#files.get(each.proto.name) ?? each);
    }
    return found;
  }

  #add(root: DescFile): void {
    const reached = new Set([root]);
    for (const file of reached) {
      const { name } = file.proto;
      if (this.#files.has(name)) continue;
      this.#files.set(name, file);
      this.#addNames(file);
      for (const each of file.dependencies) reached.add(each);
    }
  }

  #addNames(file: DescFile): void {
    const { symbols, messages, extensions } = declaredNames(file.proto);
    for (const name of symbols) if (!this.#bySymbol.has(name)) this.#bySymbol.set(name, file);
    for (const name of messages) this.#messages.add(name);
    for (const { extendee, number } of extensions) {
      const numbers = this.#extensions.get(extendee) ?? new Map<number, DescFile>();
      this.#extensions.set(extendee, numbers);
      if (!numbers.has(number)) numbers.set(number, file);
    }
  }

  /** Options that this program has no schema of stay as they were: they are unknown fields to protobuf-es, and kept. */
  #encode(file: DescFile): Uint8Array {
    const known = this.#encoded.get(file);
    if (known !== undefined) return known;
    const bytes = toBinary(FileDescriptorProtoSchema, file.proto);
    this.#encoded.set(file, bytes);
    return bytes;
  }
}
