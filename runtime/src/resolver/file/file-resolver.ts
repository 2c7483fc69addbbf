import type { FileWatch } from "../../base/files.js";
import type { Millis, Platform, Timer } from "../../base/platform.js";
import { StatusCode } from "../../rpc/status-code.js";
import type { Resolver, ResolverListener, ResolverOptions } from "../resolver.js";
import { type DocumentResult, documentResult } from "./document-result.js";
import { FileDocuments } from "./file-documents.js";

/** Editors write in several steps, and many servers register at once: the reading waits until it has gone quiet. */
const quietMs = 50;

/** Reading a folder of many files that change all the time takes a tenth of the time at most. */
const restFactor = 9;

type State =
  | { readonly name: "new" }
  /** `again`: something changed meanwhile. */
  | { readonly name: "reading"; again: boolean }
  /** `timer` is for a change, or for the next endpoint to expire. */
  | { readonly name: "watching"; readonly timer: Timer | undefined; readonly at: Millis }
  | { readonly name: "closed" };

/** Tells what a file or folder says, whenever it changes and whenever an endpoint's time is over. */
export class FileResolver implements Resolver {
  readonly #path: string;
  readonly #platform: Platform;
  readonly #documents: FileDocuments;
  #listener: ResolverListener | undefined;
  #watch: FileWatch | undefined;
  #state: State = { name: "new" };
  /** Not sooner than that, however much changes. */
  #mayReadAt: Millis = 0;

  constructor(path: string, { platform, defaultPort }: ResolverOptions) {
    this.#path = path;
    this.#platform = platform;
    this.#documents = new FileDocuments(path, platform.files, defaultPort);
  }

  start(listener: ResolverListener): void {
    this.#listener = listener;
    this.#watch = this.#platform.files.watch(this.#path, () => this.#onChange());
    void this.#read();
  }

  resolveNow(): void {
    this.#onChange();
  }

  async close(): Promise<void> {
    this.#enter({ name: "closed" });
    this.#watch?.close();
  }

  #enter(state: State): void {
    if (this.#state.name === "watching") this.#state.timer?.cancel();
    this.#state = state;
  }

  #onChange(): void {
    const state = this.#state;
    if (state.name === "reading") state.again = true;
    if (state.name === "watching") this.#arm(Math.min(state.at, this.#nextReadAt()));
  }

  /** When a change is read that is heard of now. */
  #nextReadAt(): Millis {
    return Math.max(this.#platform.now() + quietMs, this.#mayReadAt);
  }

  #arm(at: Millis): void {
    const isNever = at === Number.POSITIVE_INFINITY;
    const timer = isNever ? undefined : this.#platform.setTimer(at, () => void this.#read(), false);
    this.#enter({ name: "watching", timer, at });
  }

  async #read(): Promise<void> {
    const state: State = { name: "reading", again: false };
    this.#enter(state);
    const startedAt = this.#platform.now();
    const problems = await this.#documents.read();
    if (this.#state !== state) return;
    const now = this.#platform.now();
    this.#mayReadAt = now + restFactor * (now - startedAt);
    const { result, nextExpiryMs } = this.#resultOf(problems);
    this.#arm(state.again ? this.#nextReadAt() : Math.max(now + nextExpiryMs, this.#mayReadAt));
    this.#listener?.onResult(result);
  }

  #resultOf(problems: readonly string[]): DocumentResult {
    const [message] = problems;
    if (!this.#documents.isKnown && message !== undefined) {
      const endpoints = { status: { code: StatusCode.UNAVAILABLE, message } };
      return { result: { endpoints }, nextExpiryMs: Number.POSITIVE_INFINITY };
    }
    return documentResult(this.#path, this.#documents.documents, problems, this.#platform.wallClock());
  }
}
