import type { FileWatch } from "../../base/files.js";
import type { Millis, Platform, Timer } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import type { CertificateListener, CertificateProvider, TlsMaterial } from "../../base/tls.js";
import {
  type CertificateFilesOptions,
  certificateFilesProblem,
  defaultRefreshMs,
} from "./certificate-files-options.js";
import { CrlFolder } from "./crl-folder.js";
import { type MaterialCheck, type MaterialPart, type MaterialPlatform, WholePart } from "./material-part.js";
import { identityReader, pfxReader, rootsReader, spiffeReader } from "./material-readers.js";

/** Certificate and key are often written one after the other, and a folder's links change in two steps. */
const quietMs = 50;

/** Somebody who wants to know, and what has been told already: a file that stays broken is told once. */
interface Hearer {
  readonly listener: CertificateListener;
  told: ReadonlySet<string>;
}

type State =
  /** Nobody wants to know. */
  | { readonly name: "idle" }
  /** `again`: something changed meanwhile. */
  | { readonly name: "reading"; again: boolean }
  | { readonly name: "watching"; readonly timer: Timer | undefined; readonly at: Millis };

/**
 * Certificates and keys from files that are read again when they change, and every minute. What belongs together is taken
 * over together, or not at all; while something is broken the last good holds. Files are watched as long as anybody wants
 * to know: what was known before is not trusted when somebody comes again.
 */
export class CertificateFiles implements CertificateProvider {
  readonly #platform: Platform;
  readonly #refreshMs: Millis;
  readonly #parts: readonly MaterialPart[];
  readonly #hearers = new Set<Hearer>();
  /** Whoever is to know that files are broken, beside those who use them. */
  readonly #owner: Hearer;
  #watches: readonly FileWatch[] = [];
  #state: State = { name: "idle" };
  /** What each part gave for `#material`. */
  #given: readonly (TlsMaterial | undefined)[] = [];
  #material: TlsMaterial | undefined;
  /** Whether `#material` was read since somebody has been watching. */
  #isFresh = false;
  /** The reading that is under way, or has been: no two at a time, so that the older never overwrites the newer. */
  #reading: Promise<unknown> = Promise.resolve();

  /**
   * Throws TypeError when an option is not valid.
   * @param tlsMaterialProblem Is asked of everything that is read.
   */
  constructor(platform: Platform, options: CertificateFilesOptions, tlsMaterialProblem: MaterialCheck) {
    const problem = certificateFilesProblem(options);
    if (problem !== undefined) throw new TypeError(problem);
    this.#platform = platform;
    this.#refreshMs = options.refreshMs ?? defaultRefreshMs;
    const onError = options.onError ?? ((message) => platform.warn(message));
    this.#owner = { listener: { onMaterial: () => {}, onError }, told: new Set() };
    this.#parts = partsOf({ files: platform.files, tlsMaterialProblem }, options);
  }

  current(): TlsMaterial | undefined {
    return this.#isFresh ? this.#material : undefined;
  }

  watch(listener: CertificateListener): { close(): void } {
    const hearer: Hearer = { listener, told: new Set() };
    this.#hearers.add(hearer);
    const known = this.current();
    if (this.#state.name === "idle") this.#start();
    else if (known === undefined && this.#state.name === "watching") this.#onChange();
    if (known !== undefined) {
      this.#platform.scheduleTurn(() => {
        // Something newer has been told meanwhile.
        if (this.#hearers.has(hearer) && this.#material === known) listener.onMaterial(known);
      });
    }
    return {
      close: () => {
        if (this.#hearers.delete(hearer) && this.#hearers.size === 0) this.#stop();
      },
    };
  }

  #start(): void {
    const { files } = this.#platform;
    const paths = new Set(this.#parts.flatMap((part) => part.paths));
    this.#watches = [...paths].map((path) => files.watch(path, () => this.#onChange()));
    void this.#read();
  }

  #stop(): void {
    this.#enter({ name: "idle" });
    for (const watch of this.#watches) watch.close();
    this.#watches = [];
    this.#isFresh = false;
  }

  #enter(state: State): void {
    if (this.#state.name === "watching") this.#state.timer?.cancel();
    this.#state = state;
  }

  #onChange(): void {
    const state = this.#state;
    if (state.name === "reading") state.again = true;
    if (state.name === "watching") this.#arm(Math.min(state.at, this.#platform.now() + quietMs));
  }

  #arm(at: Millis): void {
    const isNever = at === Number.POSITIVE_INFINITY;
    const timer = isNever ? undefined : this.#platform.setTimer(at, () => void this.#read(), false);
    this.#enter({ name: "watching", timer, at });
  }

  async #read(): Promise<void> {
    const state: State = { name: "reading", again: false };
    this.#enter(state);
    const read = this.#reading.then(() => Promise.all(this.#parts.map((part) => part.read())));
    this.#reading = read;
    const problems = (await read).flat();
    if (this.#state !== state) return;
    this.#arm(this.#platform.now() + (state.again ? quietMs : this.#refreshMs));
    this.#takeOver();
    this.#tellProblems(problems);
  }

  #takeOver(): void {
    const parts = this.#parts.map((part) => part.current);
    if (parts.includes(undefined)) return;
    const isSame = parts.every((part, index) => part === this.#given[index]);
    if (isSame && this.#isFresh) return;
    if (!isSame) this.#material = Object.assign({}, ...parts) as TlsMaterial;
    this.#given = parts;
    this.#isFresh = true;
    const material = this.#material;
    if (material !== undefined) this.#tell(({ listener }) => listener.onMaterial(material));
  }

  #tellProblems(problems: readonly string[]): void {
    const end = this.#isFresh ? "; what was read before holds" : "";
    const tell = (hearer: Hearer): void => {
      const news = problems.filter((problem) => !hearer.told.has(problem));
      hearer.told = new Set(problems);
      if (news.length > 0) hearer.listener.onError(news.join("; ") + end);
    };
    this.#tell(tell);
    try {
      tell(this.#owner);
    } catch (error) {
      this.#platform.warn(`the onError of certificateFiles threw: ${textOfThrown(error)}`);
    }
  }

  /** Whoever is told may close its watch, or another's. */
  #tell(tell: (hearer: Hearer) => void): void {
    for (const hearer of [...this.#hearers]) {
      if (this.#hearers.has(hearer)) tell(hearer);
    }
  }
}

function partsOf(platform: MaterialPlatform, options: CertificateFilesOptions): readonly MaterialPart[] {
  const { certificate, key, pfx, passphrase, roots, spiffeBundleMap, crlDirectory } = options;
  const { files } = platform;
  const parts: MaterialPart[] = [];
  if (certificate !== undefined && key !== undefined) {
    parts.push(new WholePart(files, identityReader(platform, certificate, key, passphrase)));
  }
  if (pfx !== undefined) parts.push(new WholePart(files, pfxReader(platform, pfx, passphrase)));
  if (spiffeBundleMap !== undefined) parts.push(new WholePart(files, spiffeReader(platform, spiffeBundleMap)));
  // gRFC A87: with a bundle map the roots are not read.
  else if (roots !== undefined) parts.push(new WholePart(files, rootsReader(platform, roots)));
  if (crlDirectory !== undefined) parts.push(new CrlFolder(platform, crlDirectory));
  return parts;
}
