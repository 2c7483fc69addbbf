import type { TypesView } from "../protocol.js";
import { element } from "./dom.js";
import { MessageForm } from "./message-form.js";
import type { Slot } from "./scalar-input.js";

/** Characters from which on the form is not drawn: it would be slower than whoever types. */
const maxFormCharacters = 200_000;

/** A message as a form and, beside it, as JSON. What is sent is the JSON; each follows what is changed in the other. */
export class RequestEditor {
  readonly root: HTMLElement;
  readonly #form: MessageForm;
  readonly #formHost = element("div", { class: "form" });
  readonly #json = element("textarea", {
    class: "code json",
    attributes: { id: "json", "aria-describedby": "json-problem", spellcheck: "false", rows: 12 },
  });
  readonly #problem = element("p", { class: "problem", attributes: { id: "json-problem", role: "status" } });

  constructor(types: TypesView, text: string) {
    this.#form = new MessageForm(types);
    this.#json.value = text;
    this.#json.addEventListener("input", () => this.#follow());
    this.root = element(
      "div",
      { class: "editor" },
      element("section", { attributes: { "aria-label": "Form" } }, element("h3", { text: "Form" }), this.#formHost),
      element(
        "section",
        { attributes: { "aria-label": "JSON" } },
        element("h3", {}, element("label", { text: "JSON", attributes: { for: "json" } })),
        this.#json,
        this.#problem,
      ),
    );
    this.#follow();
  }

  get text(): string {
    return this.#json.value.trim() === "" ? "{}" : this.#json.value;
  }

  focus(): void {
    const first = this.#formHost.querySelector<HTMLElement>("textarea, input, select, button");
    (first ?? this.#json).focus();
  }

  #follow(): void {
    if (this.text.length > maxFormCharacters) {
      this.#formHost.replaceChildren(element("p", { class: "empty", text: "Too long for a form: it is in the JSON." }));
      return;
    }
    let value: unknown;
    try {
      value = JSON.parse(this.text);
    } catch (error) {
      // The form stays as it was: it is what the JSON was when it made sense.
      this.#tell((error as Error).message);
      return;
    }
    this.#tell("");
    this.#draw(value);
  }

  #tell(problem: string): void {
    this.#problem.textContent = problem;
    if (problem === "") this.#json.removeAttribute("aria-invalid");
    else this.#json.setAttribute("aria-invalid", "true");
    this.#formHost.toggleAttribute("inert", problem !== "");
  }

  #draw(value: unknown, focus?: string): void {
    const slot: Slot = {
      id: "f",
      value,
      set: (next) => this.#write(next),
      reshape: (next, target) => {
        this.#write(next);
        this.#draw(next, target);
      },
    };
    this.#formHost.replaceChildren(this.#form.render(slot));
    if (focus !== undefined) focusOn(this.#formHost, focus);
  }

  #write(value: unknown): void {
    this.#json.value = JSON.stringify(value ?? {}, undefined, 2);
  }
}

/** The control, or the first one in what has come in its place. */
function focusOn(host: HTMLElement, id: string): void {
  const controls = [...host.querySelectorAll<HTMLElement>("textarea, input, select, button")];
  const found = controls.find((each) => each.id === id) ?? controls.find((each) => each.id.startsWith(`${id}.`));
  found?.focus();
}
