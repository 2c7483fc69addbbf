import type { Files, FileWatch } from "../../src/base/files.js";
import { fileError } from "../../src/net/system-error.js";

interface Turns {
  scheduleTurn(fn: () => void): void;
}

/** Files in memory. Whoever watches one, or its folder, hears of each change a turn later. */
export class FakeFiles implements Files {
  /** Operations that fail, `replace /run/a.json`, and the code with which they do. */
  readonly failures = new Map<string, string>();
  /** Every operation, in order. */
  readonly log: string[] = [];
  readonly #contents = new Map<string, Uint8Array>();
  readonly #watches = new Set<{ readonly path: string; readonly onChange: () => void }>();
  readonly #turns: Turns;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  get watches(): number {
    return this.#watches.size;
  }

  // ---- the test's side

  write(path: string, text: string): void {
    this.#contents.set(path, new TextEncoder().encode(text));
    this.#changed(path);
  }

  /** As on a file system that tells nothing. */
  writeUnnoticed(path: string, text: string): void {
    this.#contents.set(path, new TextEncoder().encode(text));
  }

  delete(path: string): void {
    this.#contents.delete(path);
    this.#changed(path);
  }

  text(path: string): string | undefined {
    const bytes = this.#contents.get(path);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }

  paths(): readonly string[] {
    return [...this.#contents.keys()].sort();
  }

  // ---- Files

  async read(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    this.#begin("read", path);
    const content = this.#contents.get(path);
    if (content === undefined || content.length <= maxBytes) return content;
    throw fileError("read", path, new Error(`it is ${content.length} bytes long, limit ${maxBytes}`));
  }

  async list(folder: string): Promise<readonly string[] | undefined> {
    this.#begin("list", folder);
    const prefix = folder.endsWith("/") ? folder : `${folder}/`;
    const below = this.paths().filter((path) => path.startsWith(prefix));
    return below.length === 0 ? undefined : below.map((path) => path.slice(prefix.length));
  }

  async replace(path: string, content: Uint8Array): Promise<void> {
    this.#begin("write", path);
    this.#contents.set(path, content);
    this.#changed(path);
  }

  async remove(path: string): Promise<void> {
    this.#begin("remove", path);
    this.delete(path);
  }

  watch(path: string, onChange: () => void): FileWatch {
    const watch = { path, onChange };
    this.#watches.add(watch);
    return { close: () => void this.#watches.delete(watch) };
  }

  // ----

  #begin(action: string, path: string): void {
    this.log.push(`${action} ${path}`);
    const code = this.failures.get(`${action} ${path}`);
    if (code !== undefined) throw fileError(action, path, Object.assign(new Error(code), { code }));
  }

  #changed(path: string): void {
    for (const watch of this.#watches) {
      if (watch.path !== path && !(watch.path.endsWith("/") && path.startsWith(watch.path))) continue;
      this.#turns.scheduleTurn(() => {
        if (this.#watches.has(watch)) watch.onChange();
      });
    }
  }
}
