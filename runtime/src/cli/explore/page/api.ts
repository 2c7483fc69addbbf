import type { CallRequest, Catalog, PageEvent, Problem, StartRequest, TypesView } from "../protocol.js";

export type Action = "start" | "send" | "finish" | "cancel";

/** The program that serves this page. All paths are relative: the secret is in the page's own. */
export class Api {
  #page = "";
  readonly #listeners = new Map<string, (event: PageEvent) => void>();
  #lastCall = 0;

  catalog(): Promise<Catalog> {
    return ask("api/catalog") as Promise<Catalog>;
  }

  types(service: string, method: string): Promise<TypesView> {
    return ask(`api/types?${new URLSearchParams({ service, method })}`) as Promise<TypesView>;
  }

  /** Events of one call until it has ended. Returns its name. */
  listen(listener: (event: PageEvent) => void): string {
    this.#lastCall += 1;
    const call = String(this.#lastCall);
    this.#listeners.set(call, listener);
    return call;
  }

  /** Rejects with what the program says. */
  async start(request: Omit<StartRequest, "page">): Promise<void> {
    try {
      await this.#post("start", { ...request, page: this.#page });
    } catch (error) {
      this.#listeners.delete(request.call);
      throw error;
    }
  }

  async act(action: "send" | "finish" | "cancel", call: string, message?: string): Promise<void> {
    await this.#post(action, { page: this.#page, call, message });
  }

  /** @param onState What is to be told of the connection to the program. */
  open(onState: (isOpen: boolean) => void, onLoad: (event: PageEvent) => void): void {
    const source = new EventSource("api/events");
    source.onopen = () => onState(true);
    source.onerror = () => {
      onState(false);
      for (const [call, listener] of this.#listeners) listener(lost(call));
      this.#listeners.clear();
    };
    source.onmessage = ({ data }) => {
      const event = JSON.parse(data) as PageEvent;
      if (event.type === "hello") this.#page = event.page;
      else if (event.type === "load") onLoad(event);
      else {
        this.#listeners.get(event.call)?.(event);
        if (event.type === "end") this.#listeners.delete(event.call);
      }
    };
  }

  async #post(action: Action, body: CallRequest | StartRequest): Promise<void> {
    await ask(`api/${action}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  }
}

async function ask(path: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(path, init).catch(() => {
    throw new Error("godwit explore does not answer: it has ended, perhaps");
  });
  const body = (await response.json()) as unknown;
  if (!response.ok) throw new Error((body as Problem).problem);
  return body;
}

/** How a call ends for the page when there is nobody left to tell. */
function lost(call: string): PageEvent {
  return {
    type: "end",
    call,
    code: 1,
    name: "CANCELLED",
    message: "the connection to godwit explore was lost, and the call with it",
    elapsedMs: 0,
    messages: 0,
    headers: [],
    trailers: [],
    details: [],
    history: [],
    timings: [],
  };
}
