import type { FieldView, MessageView, TypesView } from "../protocol.js";
import { button, element } from "./dom.js";
import { type Slot, scalarInput } from "./scalar-input.js";
import { isWellKnown, jsonInput, startOf, startOfScalar, wellKnownInput } from "./well-known-input.js";

type Json = Record<string, unknown>;

/** Items of one list that have controls. */
const maxItems = 100;

/** A form of a message. What it changes is the JSON value that it was given the way to. */
export class MessageForm {
  readonly #types: TypesView;

  constructor(types: TypesView) {
    this.#types = types;
  }

  render(slot: Slot): HTMLElement {
    return this.#message(this.#types.root, slot);
  }

  #message(typeName: string, slot: Slot): HTMLElement {
    if (isWellKnown(typeName)) return wellKnownInput(typeName, slot);
    const message = this.#types.messages[typeName];
    if (message === undefined || !isObject(slot.value)) return jsonInput(slot, "JSON");
    if (message.fields.length === 0) return element("p", { class: "empty", text: "No fields." });
    return element("div", { class: "fields" }, ...this.#rows(message, slot));
  }

  #rows(message: MessageView, slot: Slot): HTMLElement[] {
    const rows: HTMLElement[] = [];
    const drawn = new Set<string>();
    for (const field of message.fields) {
      if (field.oneof === undefined) rows.push(this.#row(field, slot));
      else if (!drawn.has(field.oneof)) {
        drawn.add(field.oneof);
        rows.push(this.#oneof(field.oneof, message.fields, slot));
      }
    }
    return rows;
  }

  #row(field: FieldView, parent: Slot): HTMLElement {
    const slot = slotOf(parent, field.name);
    if (field.shape !== "single") {
      const content = field.shape === "map" ? this.#map(field, slot) : this.#list(field, slot);
      // Nothing but the button that adds: no frame around it.
      return slot.value === undefined ? row(field, `${slot.id}+`, content) : group(field, slot.id, content);
    }
    if (!field.hasPresence) return row(field, slot.id, this.#control(field, slot));
    if (slot.value === undefined) return row(field, slot.id, this.#adder(field, slot));
    const control = this.#control(field, { ...slot, set: (value) => slot.set(value ?? this.#start(field)) });
    const remover = button("Remove", () => slot.reshape(undefined, slot.id), {
      class: "quiet",
      attributes: { "aria-label": `Remove ${field.name}` },
    });
    const isNested = field.type === "message" && !isWellKnown(field.typeName ?? "");
    return isNested ? group(field, slot.id, control, remover) : row(field, slot.id, control, remover);
  }

  #adder(field: FieldView, slot: Slot): HTMLElement {
    return button("Set", () => slot.reshape(this.#start(field), slot.id), {
      class: "quiet",
      attributes: { id: slot.id, "aria-label": `Set ${field.name}` },
    });
  }

  #oneof(name: string, fields: readonly FieldView[], parent: Slot): HTMLElement {
    const members = fields.filter(({ oneof }) => oneof === name);
    const value = parent.value as Json;
    const chosen = members.find((member) => value[member.name] !== undefined);
    const id = `${parent.id}.${name}`;
    const select = element(
      "select",
      { attributes: { id } },
      element("option", { text: "none", attributes: { value: "" } }),
    );
    for (const member of members)
      select.append(element("option", { text: member.name, attributes: { value: member.name } }));
    select.value = chosen?.name ?? "";
    select.addEventListener("change", () => {
      const next = members.find((member) => member.name === select.value);
      const rest = Object.entries(value).filter(([key]) => !members.some((member) => member.name === key));
      parent.reshape(Object.fromEntries(next === undefined ? rest : [...rest, [next.name, this.#start(next)]]), id);
    });
    const head = element(
      "div",
      { class: "row" },
      element("label", { text: name, attributes: { for: id } }, hint("one of")),
      select,
    );
    if (chosen === undefined) return head;
    const slot = slotOf(parent, chosen.name);
    const control = this.#control(chosen, { ...slot, set: (next) => slot.set(next ?? this.#start(chosen)) });
    return element("div", { class: "oneof" }, head, group(chosen, slot.id, control));
  }

  #list(field: FieldView, slot: Slot): HTMLElement {
    const items = slot.value ?? [];
    if (!Array.isArray(items)) return jsonInput(slot, "a JSON array");
    const list = element("ol", { class: "items" });
    items.slice(0, maxItems).forEach((_, index) => {
      const own: Slot = {
        id: `${slot.id}.${index}`,
        value: items[index],
        set: (value) => {
          items[index] = value ?? this.#start(field);
          slot.set(items);
        },
        reshape: (value, focus) => slot.reshape(items.with(index, value), focus),
      };
      const remove = () => slot.reshape(nothingIfEmpty(items.toSpliced(index, 1)), `${slot.id}+`);
      list.append(item(`${field.name} ${index + 1}`, this.#control(field, own), remove));
    });
    const add = () => slot.reshape([...items, this.#start(field)], `${slot.id}.${items.length}`);
    return this.#items(field, slot, list, items.length, add);
  }

  #map(field: FieldView, slot: Slot): HTMLElement {
    const value = slot.value ?? {};
    if (!isObject(value)) return jsonInput(slot, "a JSON object");
    const entries = Object.entries(value);
    const list = element("ol", { class: "items" });
    entries.slice(0, maxItems).forEach(([key, each], index) => {
      const rename = (next: string) =>
        Object.fromEntries(entries.map((entry, at) => (at === index ? [next, each] : entry)));
      const own: Slot = {
        id: `${slot.id}.${index}`,
        value: each,
        set: (next) => {
          value[key] = next ?? this.#start(field);
          slot.set(value);
        },
        reshape: (next, focus) => slot.reshape({ ...value, [key]: next }, focus),
      };
      const name = element("input", {
        class: "key",
        attributes: {
          id: `${own.id}=`,
          "aria-label": `${field.name} key ${index + 1}`,
          placeholder: field.key ?? "key",
          spellcheck: "false",
        },
      });
      name.value = key;
      name.addEventListener("change", () => {
        if (name.value !== key && Object.hasOwn(value, name.value)) name.setAttribute("aria-invalid", "true");
        else slot.reshape(rename(name.value), own.id);
      });
      const remove = () => slot.reshape(nothingIfEmpty(Object.fromEntries(entries.toSpliced(index, 1))), `${slot.id}+`);
      list.append(item(`${field.name} value ${index + 1}`, this.#control(field, own), remove, name));
    });
    const add = () =>
      slot.reshape(
        { ...value, [freshKey(field.key ?? "string", value)]: this.#start(field) },
        `${slot.id}.${entries.length}=`,
      );
    return this.#items(field, slot, list, entries.length, add);
  }

  #items(field: FieldView, slot: Slot, list: HTMLElement, count: number, add: () => void): HTMLElement {
    const rest = count - maxItems;
    return element(
      "div",
      {},
      count > 0 && list,
      rest > 0 && element("p", { class: "empty", text: `and ${rest} more, in the JSON` }),
      button("Add", add, { class: "quiet", attributes: { id: `${slot.id}+`, "aria-label": `Add to ${field.name}` } }),
    );
  }

  #control(field: FieldView, slot: Slot): HTMLElement {
    if (field.type === "message") return this.#message(field.typeName ?? "", slot);
    if (isObject(slot.value) || Array.isArray(slot.value)) return jsonInput(slot, "JSON");
    if (field.type === "enum") return this.#enum(field, slot);
    return scalarInput(field.type, slot);
  }

  #enum(field: FieldView, slot: Slot): HTMLElement {
    const values = this.#types.enums[field.typeName ?? ""]?.values ?? [];
    const select = element("select", { class: "value", attributes: { id: slot.id } });
    for (const { name, number, comment } of values) {
      select.append(element("option", { text: `${name} (${number})`, attributes: { value: name, title: comment } }));
    }
    const byNumber = values.find(({ number }) => number === slot.value)?.name;
    const current =
      slot.value === undefined || slot.value === null ? (values[0]?.name ?? "") : (byNumber ?? String(slot.value));
    if (!values.some(({ name }) => name === current))
      select.append(element("option", { text: current, attributes: { value: current } }));
    select.value = current;
    const zero = values[0]?.name;
    select.addEventListener("change", () =>
      slot.set(!field.hasPresence && select.value === zero ? undefined : select.value),
    );
    return select;
  }

  /** What a new one has in JSON. */
  #start(field: FieldView): unknown {
    if (field.type === "enum") return this.#types.enums[field.typeName ?? ""]?.values[0]?.name ?? 0;
    if (field.type !== "message") return startOfScalar(field.type);
    return isWellKnown(field.typeName ?? "") ? startOf(field.typeName ?? "") : {};
  }
}

function slotOf(parent: Slot, name: string): Slot {
  const value = parent.value as Json;
  return {
    id: `${parent.id}.${name}`,
    value: value[name],
    set(next) {
      if (next === undefined) delete value[name];
      else value[name] = next;
      parent.set(value);
    },
    reshape(next, focus) {
      const rest = { ...value };
      if (next === undefined) delete rest[name];
      else rest[name] = next;
      parent.reshape(rest, focus);
    },
  };
}

function row(field: FieldView, id: string, ...controls: readonly HTMLElement[]): HTMLElement {
  return element("div", { class: "row" }, label(field, id), element("div", { class: "controls" }, ...controls));
}

function group(field: FieldView, id: string, content: HTMLElement, ...more: readonly HTMLElement[]): HTMLElement {
  const legend = element(
    "legend",
    { class: field.isDeprecated ? "deprecated" : "" },
    field.name,
    hint(describe(field)),
    ...more,
  );
  return element("fieldset", { attributes: { id: `${id}-group` } }, legend, comment(field) ?? false, content);
}

function label(field: FieldView, id: string): HTMLElement {
  const name = element(
    "label",
    { class: field.isDeprecated ? "deprecated" : "", attributes: { for: id } },
    field.name,
    hint(describe(field)),
  );
  return element("div", { class: "name" }, name, comment(field) ?? false);
}

function item(name: string, control: HTMLElement, remove: () => void, ...before: readonly HTMLElement[]): HTMLElement {
  const its = control.matches("textarea, select, input") ? control : control.querySelector("textarea, select, input");
  if (its !== null && !its.hasAttribute("aria-label")) its.setAttribute("aria-label", name);
  const remover = button("Remove", remove, { class: "quiet", attributes: { "aria-label": `Remove ${name}` } });
  return element("li", {}, ...before, control, remover);
}

function describe({ shape, key, type, typeName, isRequired }: FieldView): string {
  const short = typeName === undefined ? type : typeName.slice(typeName.lastIndexOf(".") + 1);
  const named = shape === "map" ? `map of ${key} to ${short}` : shape === "list" ? `list of ${short}` : short;
  return isRequired ? `${named}, required` : named;
}

function hint(text: string): HTMLElement {
  return element("span", { class: "hint", text: ` ${text}` });
}

function comment(field: FieldView): HTMLElement | undefined {
  return field.comment === "" ? undefined : element("p", { class: "comment", text: field.comment });
}

function freshKey(type: string, value: Json): string {
  if (type === "bool") return Object.hasOwn(value, "false") ? "true" : "false";
  if (type === "string" && !Object.hasOwn(value, "")) return "";
  for (let number = type === "string" ? 1 : 0; ; number++)
    if (!Object.hasOwn(value, String(number))) return String(number);
}

function nothingIfEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
