import type { ServerResponse } from "node:http";
import type { PageEvent } from "./protocol.js";

/** Server-sent events to one page. */
export class EventStream {
  readonly #response: ServerResponse;
  #room: Promise<void> | undefined;

  constructor(response: ServerResponse, headers: Readonly<Record<string, string>>) {
    this.#response = response;
    response.writeHead(200, { ...headers, "content-type": "text/event-stream; charset=utf-8" });
  }

  /** Resolves when there is room for more, or nobody left to read it. */
  send(event: PageEvent): Promise<void> {
    const response = this.#response;
    // JSON has no line breaks: each event is one line.
    if (response.destroyed || response.write(`data: ${JSON.stringify(event)}\n\n`)) return Promise.resolve();
    this.#room ??= this.#waitForRoom();
    return this.#room;
  }

  close(): void {
    this.#response.end();
  }

  #waitForRoom(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#response.off("drain", done);
        this.#response.off("close", done);
        this.#room = undefined;
        resolve();
      };
      this.#response.on("drain", done);
      this.#response.on("close", done);
    });
  }
}
