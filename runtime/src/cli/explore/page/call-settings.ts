import type { Catalog, Pair } from "../protocol.js";
import { button, element } from "./dom.js";

/** Deadline and metadata. They stay from one method to the next, as whoever calls does. */
export class CallSettings {
  readonly root: HTMLElement;
  readonly #deadline = element("input", {
    attributes: { id: "deadline", placeholder: "none", inputmode: "decimal", autocomplete: "off", size: 8 },
  });
  readonly #rows = element("div", { class: "metadata" });

  constructor({ timeoutMs, headerNames }: Catalog) {
    if (timeoutMs !== undefined) this.#deadline.value = String(timeoutMs / 1000);
    this.#deadline.addEventListener("input", () => {
      if (this.#isDeadlineValid()) this.#deadline.removeAttribute("aria-invalid");
      else this.#deadline.setAttribute("aria-invalid", "true");
    });
    const given =
      headerNames.length === 0 ? undefined : `With each call, from the command line: ${headerNames.join(", ")}`;
    this.root = element(
      "div",
      { class: "settings" },
      element(
        "div",
        { class: "deadline" },
        element("label", { text: "Deadline, in seconds", attributes: { for: "deadline" } }),
        this.#deadline,
      ),
      element(
        "fieldset",
        {},
        element("legend", { text: "Metadata" }),
        given !== undefined && element("p", { class: "comment", text: given }),
        this.#rows,
        button("Add metadata", () => this.#add(), { class: "quiet" }),
      ),
    );
  }

  /** Undefined: none. */
  get timeoutMs(): number | undefined {
    return this.#deadline.value.trim() === "" ? undefined : Number(this.#deadline.value) * 1000;
  }

  /** What is wrong with what is there. */
  get problem(): string | undefined {
    return this.#isDeadlineValid() ? undefined : `The deadline is “${this.#deadline.value}”: expected seconds.`;
  }

  get metadata(): Pair[] {
    const pairs = [...this.#rows.children].map((row) => {
      const [name, value] = [...row.querySelectorAll("input")].map((input) => input.value);
      return [name ?? "", value ?? ""] as const;
    });
    return pairs.filter(([name]) => name.trim() !== "");
  }

  #isDeadlineValid(): boolean {
    const text = this.#deadline.value.trim();
    return text === "" || (Number(text) >= 0 && Number.isFinite(Number(text)));
  }

  #add(): void {
    const name = element("input", {
      attributes: { "aria-label": "Metadata name", placeholder: "name", spellcheck: "false" },
    });
    const value = element("input", {
      attributes: {
        "aria-label": "Metadata value",
        placeholder: "value (base64 where the name ends in -bin)",
        spellcheck: "false",
      },
    });
    const row = element("div", { class: "pair" }, name, value);
    row.append(
      button("Remove", () => row.remove(), { class: "quiet", attributes: { "aria-label": "Remove metadata" } }),
    );
    this.#rows.append(row);
    name.focus();
  }
}
