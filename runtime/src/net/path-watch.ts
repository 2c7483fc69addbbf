import { type FSWatcher, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { clearInterval, setInterval } from "node:timers";
import type { FileWatch } from "../base/files.js";
import { inRootScope } from "./root-scope.js";

export interface PathWatchOptions {
  /** Milliseconds between two looks. */
  readonly pollMs: number;
  /** As node:fs has it. */
  readonly watch: typeof watch;
}

/** The notice of a change that the system did not give comes after so long. */
const defaults: PathWatchOptions = { pollMs: 5000, watch };

/** What is in a folder is looked at up to here, one by one; beyond, by the folder's own time of change. */
const maxEntries = 1000;

/**
 * Watches a file, or a folder with what is in it, by both ways there are: the system's notices (inotify and its like), and
 * a look every few seconds.
 *
 * The notices are of the folder in which the path is, since editors and Kubernetes put another file in its place: whoever
 * watches the old one hears nothing. Kubernetes changes a symbolic link on the way, `..data`, which is in that folder too.
 * A look finds what notices miss: links to other folders, network file systems, a folder that was not there before.
 */
export class PathWatch implements FileWatch {
  readonly #path: string;
  readonly #onChange: () => void;
  readonly #options: PathWatchOptions;
  readonly #interval: NodeJS.Timeout;
  readonly #watchers = new Map<string, FSWatcher>();
  /** What the last look saw; undefined before the first one has ended. */
  #seen: string | undefined;
  #isLooking = false;
  #isClosed = false;

  constructor(path: string, onChange: () => void, options: PathWatchOptions = defaults) {
    this.#path = path;
    this.#onChange = onChange;
    this.#options = options;
    this.#interval = inRootScope(setInterval, () => void this.#look(), options.pollMs);
    this.#interval.unref();
    this.#listen();
    void this.#look();
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#interval);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** The folder that holds the path, and what is at the path itself. */
  #listen(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    for (const path of [dirname(this.#path), this.#path]) this.#listenTo(path);
  }

  #listenTo(folder: string): void {
    try {
      const watcher = inRootScope(() => this.#options.watch(folder, { persistent: false }));
      this.#watchers.set(folder, watcher);
      watcher.on("change", (_event, name) => this.#onNotice(folder, name));
      // The folder is gone, or the system has no more watches to give: the next look tries again.
      watcher.on("error", () => this.#forget(folder, watcher));
      watcher.on("close", () => this.#forget(folder, watcher));
    } catch {
      // Not there yet, or not to be watched: it is looked at.
    }
  }

  #onNotice(folder: string, name: string | Buffer | null): void {
    if (this.#isClosed || !this.#concerns(folder, name)) return;
    // What is at the path now may be another file or folder, of which nobody would hear.
    if (folder !== this.#path) {
      this.#watchers.get(this.#path)?.close();
      this.#listenTo(this.#path);
    }
    this.#onChange();
  }

  /** Of the other files beside the path only Kubernetes' links: their names begin with two dots. */
  #concerns(folder: string, name: string | Buffer | null): boolean {
    if (folder === this.#path || name === null) return true;
    const text = name.toString();
    return text === basename(this.#path) || text.startsWith("..");
  }

  #forget(folder: string, watcher: FSWatcher): void {
    if (this.#watchers.get(folder) === watcher) this.#watchers.delete(folder);
    watcher.close();
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const seen = await signatureOf(this.#path);
    this.#isLooking = false;
    if (this.#isClosed) return;
    const before = this.#seen;
    this.#seen = seen;
    if (before === seen) return;
    // A folder may have been put in the place of another, whose watch is deaf from then on.
    if (before !== undefined) this.#listen();
    // What changed before the first look is known only if somebody listened.
    if (before !== undefined || this.#watchers.size === 0) this.#onChange();
  }
}

/** Differs when a file, or what is in a folder, does. Links are followed. */
async function signatureOf(path: string): Promise<string> {
  const own = await stat(path).catch(() => undefined);
  if (own === undefined) return "";
  const text = textOf(own);
  if (!own.isDirectory()) return text;
  const names = await readdir(path).catch(() => []);
  const entries = names.slice(0, maxEntries).map(async (name) => {
    const entry = await stat(join(path, name)).catch(() => undefined);
    return `${name} ${entry === undefined ? "" : textOf(entry)}`;
  });
  return [text, ...(await Promise.all(entries)).sort()].join("\n");
}

function textOf(found: { dev: number; ino: number; size: number; mtimeMs: number }): string {
  return `${found.dev} ${found.ino} ${found.size} ${found.mtimeMs}`;
}
