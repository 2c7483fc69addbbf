import type { FileWatch } from "../../base/files.js";
import type { Millis, Platform, Timer } from "../../base/platform.js";
import { StatusCode } from "../../rpc/status-code.js";
import { addressName, type Endpoint } from "../endpoint.js";
import type { Resolver, ResolverListener, ResolverOptions, ResolverResult } from "../resolver.js";
import type { EndpointDocument, EndpointEntry } from "./endpoint-document.js";
import { FileDocuments } from "./file-documents.js";

/** Editors write in several steps, and many servers register at once: the reading waits until it has gone quiet. */
const quietMs = 50;

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
    if (state.name !== "watching") return;
    const at = this.#platform.now() + quietMs;
    if (at < state.at) this.#arm(at);
  }

  #arm(at: Millis): void {
    const isNever = at === Number.POSITIVE_INFINITY;
    const timer = isNever ? undefined : this.#platform.setTimer(at, () => void this.#read(), false);
    this.#enter({ name: "watching", timer, at });
  }

  async #read(): Promise<void> {
    const state: State = { name: "reading", again: false };
    this.#enter(state);
    const problems = await this.#documents.read();
    if (this.#state !== state) return;
    const now = this.#platform.wallClock();
    const entries = this.#documents.documents.flatMap(({ endpoints }) => endpoints);
    const living = entries.filter(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt > now);
    const nextExpiryMs = Math.min(...living.map(({ expiresAt = Number.POSITIVE_INFINITY }) => expiresAt - now));
    this.#arm(this.#platform.now() + (state.again ? quietMs : nextExpiryMs));
    this.#listener?.onResult(this.#resultOf(living, problems));
  }

  #resultOf(living: readonly EndpointEntry[], problems: readonly string[]): ResolverResult {
    const [message] = problems;
    if (!this.#documents.isKnown && message !== undefined) {
      return { endpoints: { status: { code: StatusCode.UNAVAILABLE, message } } };
    }
    const configs = this.#documents.documents.filter(({ serviceConfig }) => serviceConfig !== undefined);
    return {
      endpoints: { value: distinct(living.filter(({ isDraining }) => !isDraining)) },
      ...serviceConfigOf(this.#path, configs),
      ...(message === undefined ? {} : { note: `${message}; what it said before holds` }),
    };
  }
}

function serviceConfigOf(path: string, [first, second]: readonly EndpointDocument[]): Partial<ResolverResult> {
  if (first?.serviceConfig === undefined) return {};
  if (second === undefined) return { serviceConfig: { value: first.serviceConfig } };
  const message = `${path} has a service config in more than one file`;
  return { serviceConfig: { status: { code: StatusCode.UNAVAILABLE, message } } };
}

/**
 * Each set of addresses once: a server that came back under another name is one server. The entry that holds longest says
 * what is known of it.
 */
function distinct(entries: readonly EndpointEntry[]): readonly Endpoint[] {
  const byAddresses = new Map<string, EndpointEntry>();
  for (const entry of entries) {
    const key = entry.endpoint.addresses.map(addressName).sort().join(" ");
    const { expiresAt = Number.POSITIVE_INFINITY } = byAddresses.get(key) ?? { expiresAt: 0 };
    if ((entry.expiresAt ?? Number.POSITIVE_INFINITY) > expiresAt || !byAddresses.has(key)) byAddresses.set(key, entry);
  }
  return [...byAddresses.values()].map(({ endpoint }) => endpoint);
}
