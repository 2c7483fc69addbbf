import type { MethodView, PageEvent, ServiceView, TypesView } from "../protocol.js";
import { AnswerView } from "./answer-view.js";
import type { Api } from "./api.js";
import type { CallSettings } from "./call-settings.js";
import { button, element } from "./dom.js";
import type { Journal } from "./journal.js";
import { kindNames } from "./method-list.js";
import { RequestEditor } from "./request-editor.js";

export interface MethodPageContext {
  readonly api: Api;
  readonly settings: CallSettings;
  readonly journal: Journal;
}

/** One method: what it is, a request, and what comes back. */
export class MethodPage {
  readonly root: HTMLElement;
  readonly #context: MethodPageContext;
  readonly #service: ServiceView;
  readonly #method: MethodView;
  readonly #editor: RequestEditor;
  readonly #answer = new AnswerView();
  readonly #send: HTMLButtonElement;
  readonly #finish: HTMLButtonElement;
  readonly #cancel: HTMLButtonElement;
  #call: string | undefined;
  #isFinished = false;

  constructor(context: MethodPageContext, service: ServiceView, method: MethodView, types: TypesView, text: string) {
    this.#context = context;
    this.#service = service;
    this.#method = method;
    this.#editor = new RequestEditor(types, text);
    const { settings } = context;
    this.#send = button(this.#takesStream ? "Send message" : "Send", () => this.send(), {
      class: "primary",
      attributes: { "aria-keyshortcuts": "Control+Enter" },
    });
    this.#finish = button("Half-close", () => this.finish());
    this.#cancel = button("Cancel", () => this.cancel(), { attributes: { "aria-keyshortcuts": "Escape" } });
    this.root = element(
      "article",
      {},
      this.#heading(),
      this.#editor.root,
      settings.root,
      element("div", { class: "actions" }, this.#send, this.#takesStream && this.#finish, this.#cancel, this.#keys()),
      this.#answer.root,
    );
    this.#show();
  }

  /** What is in the editor, for when the method is shown again. */
  get text(): string {
    return this.#editor.text;
  }

  focus(): void {
    this.#editor.focus();
  }

  /** Starts the call or, where it runs and takes more, sends another message. */
  send(): void {
    if (this.#call === undefined) void this.#start([this.#editor.text], !this.#takesStream);
    else if (this.#takesStream && !this.#isFinished) void this.#act("send", this.#editor.text);
  }

  /** Of a call that has not begun: makes one without a message. */
  finish(): void {
    if (!this.#takesStream || this.#isFinished) return;
    this.#isFinished = true;
    if (this.#call === undefined) void this.#start([], true);
    else void this.#act("finish");
    this.#show();
  }

  cancel(): void {
    if (this.#call !== undefined) void this.#act("cancel");
  }

  get #takesStream(): boolean {
    return this.#method.kind === "client_streaming" || this.#method.kind === "bidi_streaming";
  }

  async #start(messages: readonly string[], isFinished: boolean): Promise<void> {
    const { api, settings } = this.#context;
    if (settings.problem !== undefined) {
      this.#answer.refuse(settings.problem);
      return;
    }
    const call = api.listen((event) => this.#take(event));
    this.#call = call;
    this.#isFinished = isFinished;
    this.#answer.begin();
    this.#show();
    const { metadata, timeoutMs } = settings;
    const names = { service: this.#service.name, method: this.#method.name };
    try {
      await api.start({ call, ...names, messages, isFinished, metadata, timeoutMs });
    } catch (error) {
      this.#over();
      this.#answer.refuse((error as Error).message);
    }
  }

  async #act(action: "send" | "finish" | "cancel", message?: string): Promise<void> {
    const call = this.#call;
    if (call === undefined) return;
    try {
      await this.#context.api.act(action, call, message);
    } catch (error) {
      if (this.#call === call) this.#answer.refuse((error as Error).message);
    }
  }

  #take(event: PageEvent): void {
    if (event.type === "message") this.#answer.message(event);
    else if (event.type === "sent") this.#answer.sent(event.count);
    else if (event.type === "end") {
      this.#answer.end(event);
      this.#context.journal.add(event.elapsedMs, event.code !== 0);
      this.#over();
    }
  }

  #over(): void {
    this.#call = undefined;
    this.#isFinished = false;
    this.#show();
  }

  #show(): void {
    const isRunning = this.#call !== undefined;
    this.#send.disabled = isRunning && (!this.#takesStream || this.#isFinished);
    this.#finish.disabled = this.#isFinished;
    this.#cancel.disabled = !isRunning;
  }

  #heading(): HTMLElement {
    const { name, kind, comment, isDeprecated, idempotency, input, output } = this.#method;
    const facts = [
      kindNames[kind],
      idempotency === "" ? "" : idempotency.toLowerCase().replaceAll("_", " "),
      isDeprecated ? "deprecated" : "",
    ];
    return element(
      "header",
      { class: "heading" },
      element("p", { class: "path", text: this.#service.name }),
      element("h1", { text: name }),
      element(
        "p",
        { class: "facts" },
        ...facts.filter((fact) => fact !== "").map((text) => element("span", { class: "tag", text })),
      ),
      element("p", { class: "signature" }, element("code", { text: input }), " → ", element("code", { text: output })),
      comment !== "" && element("p", { class: "about", text: comment }),
    );
  }

  #keys(): HTMLElement {
    return element(
      "span",
      { class: "keys", attributes: { "aria-hidden": "true" } },
      element("kbd", { text: "Ctrl" }),
      " ",
      element("kbd", { text: "Enter" }),
      " sends, ",
      element("kbd", { text: "Esc" }),
      " cancels",
    );
  }
}
