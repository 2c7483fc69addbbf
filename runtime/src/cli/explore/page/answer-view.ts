import type { DetailView, EndEvent, MessageEvent, Pair } from "../protocol.js";
import { element, milliseconds } from "./dom.js";

/** Messages that stay on the page; of more the last ones. */
const maxShown = 200;

/** What comes back of one call: its messages as they come, then how it ended. */
export class AnswerView {
  readonly root: HTMLElement;
  readonly #status = element("div", { class: "status", attributes: { role: "status" } });
  readonly #messages = element("ol", { class: "messages" });
  readonly #dropped = element("p", { class: "empty" });
  readonly #end = element("div", { class: "end" });
  #count = 0;
  #sent = 0;

  constructor() {
    this.root = element(
      "section",
      { class: "answer", attributes: { "aria-label": "Answer" } },
      element("h3", { text: "Answer" }),
      this.#status,
      this.#dropped,
      this.#messages,
      this.#end,
    );
    this.#status.append(element("p", { class: "empty", text: "Nothing sent yet. Ctrl+Enter sends." }));
  }

  begin(): void {
    this.#count = 0;
    this.#sent = 0;
    this.#messages.replaceChildren();
    this.#end.replaceChildren();
    this.#dropped.textContent = "";
    this.#tellRunning();
  }

  /** The call could not be made at all. */
  refuse(problem: string): void {
    this.#status.replaceChildren(element("p", { class: "problem", text: problem }));
  }

  sent(count: number): void {
    this.#sent = count;
    this.#tellRunning();
  }

  message(event: MessageEvent): void {
    this.#count = event.index;
    this.#tellRunning();
    const cut = event.cut === 0 ? undefined : `… and ${event.cut.toLocaleString("en")} characters that are not shown`;
    this.#messages.append(
      element(
        "li",
        {},
        element("span", { class: "when", text: `#${event.index} after ${milliseconds(event.atMs)}` }),
        element("pre", { text: event.text, attributes: { tabindex: event.text.length > 2000 ? 0 : undefined } }),
        cut !== undefined && element("p", { class: "empty", text: cut }),
      ),
    );
    while (this.#messages.children.length > maxShown) this.#messages.firstElementChild?.remove();
    const dropped = this.#count - this.#messages.children.length;
    if (dropped > 0) this.#dropped.textContent = `${dropped.toLocaleString("en")} earlier messages are not shown.`;
  }

  end(event: EndEvent): void {
    const kind = event.code === 0 ? "ok" : "failed";
    const messages = `${plural(event.messages, "message")} in ${milliseconds(event.elapsedMs)}`;
    this.#status.replaceChildren(
      element("span", { class: `chip ${kind}`, text: `${event.code} ${event.name}` }),
      element("span", {
        class: "empty",
        text: this.#sent > 0 ? `${plural(this.#sent, "message")} sent, ${messages}` : messages,
      }),
    );
    this.#end.replaceChildren(
      ...(event.message === "" ? [] : [element("p", { class: "said", text: event.message })]),
      ...event.details.map(detail),
      ...pairs("Headers", event.headers),
      ...pairs("Trailers", event.trailers),
      ...pairs("How it went", facts(event)),
      ...(event.history.length === 0 ? [] : [attempts(event.history)]),
    );
  }

  #tellRunning(): void {
    const sent = this.#sent > 0 ? `${plural(this.#sent, "message")} sent, ` : "";
    const text = `${sent}${this.#count === 0 ? "waiting for an answer" : plural(this.#count, "message")}`;
    this.#status.replaceChildren(
      element("span", { class: "chip running", text: "running" }),
      element("span", { class: "empty", text }),
    );
  }
}

function facts({ peer, delivery, attempts: count, notRetried, timings }: EndEvent): Pair[] {
  const told = timings.filter(([name, ms]) => ms > 0 || name === "totalMs");
  return [
    ["peer", peer],
    ["delivery", delivery],
    ["attempts", count === undefined ? undefined : String(count)],
    ["not tried again", notRetried],
    ...told.map(([name, ms]) => [name.replace(/Ms$/, ""), milliseconds(ms)] as const),
  ].filter((pair): pair is [string, string] => pair[1] !== undefined);
}

function detail({ typeUrl, text, bytes }: DetailView): HTMLElement {
  const name = typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
  return element(
    "div",
    { class: "detail" },
    element("h4", { text: name, attributes: { title: typeUrl } }),
    text === undefined &&
      element("p", { class: "empty", text: "Of a type that the server does not tell of; its bytes in base64:" }),
    element("pre", { text: text ?? bytes ?? "" }),
  );
}

function pairs(title: string, list: readonly Pair[]): HTMLElement[] {
  if (list.length === 0) return [];
  const rows = list.flatMap(([name, value]) => [element("dt", { text: name }), element("dd", { text: value })]);
  return [
    element("details", { attributes: { open: true } }, element("summary", { text: title }), element("dl", {}, ...rows)),
  ];
}

function attempts(history: readonly string[]): HTMLElement {
  const items = history.map((text) => element("li", { text }));
  return element(
    "details",
    { attributes: { open: true } },
    element("summary", { text: "Attempts that failed" }),
    element("ol", {}, ...items),
  );
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}
