import { textOfThrown } from "../../base/text-of-thrown.js";
import { readCatalog } from "./catalog.js";
import { describeTypes } from "./describe-types.js";
import type { EventStream } from "./event-stream.js";
import type { ExplorerContext } from "./explorer-context.js";
import { PageSession } from "./page-session.js";
import type { CallRequest, Catalog, LoadEvent, StartRequest, TypesView } from "./protocol.js";
import { readLoad } from "./server-load.js";

/** Pages that are open at once. */
const maxPages = 16;
const loadEveryMs = 1000;
const questionTimeoutMs = 5000;

/** What the page asks for, apart from how it asks. */
export class Explorer {
  readonly #context: ExplorerContext;
  readonly #pages = new Map<string, PageSession>();
  #lastPage = 0;
  #stopLoad: (() => void) | undefined;
  #isLoadAsked = false;

  constructor(context: ExplorerContext) {
    this.#context = context;
  }

  async catalog(): Promise<Catalog> {
    const { target, headers, timeoutMs } = this.#context;
    const common = { target, timeoutMs, headerNames: [...new Set([...headers].map(([name]) => name))] };
    try {
      return { ...common, services: await readCatalog(this.#context.schema) };
    } catch (error) {
      return { ...common, services: [], problem: textOfThrown(error) };
    }
  }

  async types(service: string, method: string): Promise<TypesView> {
    const desc = await this.#context.schema.service(service);
    const found = desc.methods.find(({ name }) => name === method);
    if (found === undefined) throw new Error(`${service} has no method ${method}`);
    return describeTypes(found.input);
  }

  /** A page has opened. Returns what ends it. */
  open(events: EventStream): () => void {
    if (this.#pages.size >= maxPages) {
      events.close();
      return () => {};
    }
    this.#lastPage += 1;
    const id = String(this.#lastPage);
    const session = new PageSession(this.#context, events);
    this.#pages.set(id, session);
    void events.send({ type: "hello", page: id });
    this.#watchLoad();
    return () => {
      session.end();
      this.#pages.delete(id);
      if (this.#pages.size === 0) this.#restLoad();
    };
  }

  async act(action: string, request: CallRequest | StartRequest): Promise<void> {
    const session = this.#pages.get(request.page);
    if (session === undefined) throw new Error("this page is not known: load it again");
    if (action === "start") await session.start(request as StartRequest);
    else if (action === "send") await session.send(request);
    else if (action === "finish") session.finish(request);
    else if (action === "cancel") session.cancel(request);
    else throw new Error(`there is no ${action}`);
  }

  close(): void {
    this.#restLoad();
    for (const session of this.#pages.values()) session.end();
    this.#pages.clear();
  }

  /** Only while somebody looks. */
  #watchLoad(): void {
    this.#stopLoad ??= this.#context.world.every(loadEveryMs, () => void this.#tellLoad());
  }

  #restLoad(): void {
    this.#stopLoad?.();
    this.#stopLoad = undefined;
  }

  async #tellLoad(): Promise<void> {
    if (this.#isLoadAsked) return;
    this.#isLoadAsked = true;
    const { channel, headers: metadata } = this.#context;
    const event: LoadEvent = await readLoad(channel, { metadata, timeoutMs: questionTimeoutMs });
    this.#isLoadAsked = false;
    for (const { events } of this.#pages.values()) void events.send(event);
  }
}
