import type { FileWatch } from "../base/files.js";
import type { Parsed } from "../base/parsed.js";
import type { Platform, Timer } from "../base/platform.js";
import { textOfThrown } from "../base/text-of-thrown.js";
import type { AuthorizationPolicy } from "./authorization-policy.js";

/** A file that is longer is no policy. */
const maxFileBytes = 4 * 1024 * 1024;

/** Editors write in several steps: the reading waits until it has gone quiet. */
const quietMs = 50;

/** A policy in a file, as good as it has ever been: one that is broken changes nothing. */
export class PolicyFile {
  readonly #path: string;
  readonly #platform: Platform;
  readonly #parse: (text: string) => Parsed<AuthorizationPolicy>;
  /** Undefined before `start`, and after `close`. */
  #watch: FileWatch | undefined;
  #timer: Timer | undefined;
  #policy: AuthorizationPolicy | undefined;
  /** What the policy was made of. */
  #text: string | undefined;
  /** What is wrong with the file now. */
  #problem: string | undefined;
  /** A reading that is under way, and the one behind it that a change asks for. */
  #reading: Promise<void> | undefined;
  #isStale = false;
  #firstReading: Promise<void> | undefined;

  constructor(path: string, platform: Platform, parse: (text: string) => Parsed<AuthorizationPolicy>) {
    this.#path = path;
    this.#platform = platform;
    this.#parse = parse;
  }

  /** The last good one; undefined as long as there was none. */
  get policy(): AuthorizationPolicy | undefined {
    return this.#policy;
  }

  /** Watches from now on. Resolves, and never rejects, when the file has been read once. */
  start(): Promise<void> {
    this.#firstReading ??= this.#begin();
    return this.#firstReading;
  }

  /** One sentence about the file as it is now; undefined when it is good. */
  get problem(): string | undefined {
    return this.#problem;
  }

  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
    this.#timer?.cancel();
    this.#policy?.audit.close();
  }

  #begin(): Promise<void> {
    this.#watch = this.#platform.files.watch(this.#path, () => this.#onChange());
    return this.#read();
  }

  #onChange(): void {
    if (this.#watch === undefined) return;
    this.#timer?.cancel();
    this.#timer = this.#platform.setTimer(this.#platform.now() + quietMs, () => void this.#read(), false);
  }

  /** One at a time: an older content must not take the place of a newer one. */
  async #read(): Promise<void> {
    this.#isStale = true;
    this.#reading ??= this.#readWhileStale();
    await this.#reading;
  }

  async #readWhileStale(): Promise<void> {
    while (this.#isStale) {
      this.#isStale = false;
      const found = await this.#readOnce();
      if (this.#watch === undefined) break;
      if ("error" in found) this.#onProblem(found.error);
      else this.#onText(found.value);
    }
    this.#reading = undefined;
  }

  async #readOnce(): Promise<Parsed<string>> {
    try {
      const bytes = await this.#platform.files.read(this.#path, maxFileBytes);
      if (bytes === undefined) return { error: `${this.#path} does not exist` };
      return { value: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
    } catch (error) {
      return { error: error instanceof TypeError ? `${this.#path} is not UTF-8` : textOfThrown(error) };
    }
  }

  #onText(text: string): void {
    if (text === this.#text) {
      this.#problem = undefined;
      return;
    }
    const parsed = this.#parse(text);
    if ("error" in parsed) {
      this.#onProblem(`${this.#path} is no valid authorization policy: ${parsed.error}`);
      return;
    }
    const old = this.#policy;
    this.#policy = parsed.value;
    this.#text = text;
    this.#problem = undefined;
    old?.audit.close();
  }

  /** Before there is a policy, it is `listen` that says so. */
  #onProblem(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    if (this.#policy === undefined) return;
    this.#platform.warn(`${problem}; policy ${JSON.stringify(this.#policy.name)} holds on`);
  }
}
