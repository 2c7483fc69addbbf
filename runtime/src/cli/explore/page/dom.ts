/** What a server sends becomes text of nodes and never markup: there is no other way to make one in this page. */

type Child = Node | string | number | false | undefined;

interface Properties {
  readonly class?: string | undefined;
  readonly text?: string | undefined;
  /** Listeners, by event. */
  readonly on?: Readonly<Record<string, (event: Event) => void>> | undefined;
  /** Attributes; false and undefined: without it. */
  readonly attributes?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
}

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Properties = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  return furnish(document.createElement(name), properties, children);
}

export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  properties: Properties = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Name] {
  return furnish(document.createElementNS("http://www.w3.org/2000/svg", name), properties, children);
}

function furnish<E extends Element>(made: E, properties: Properties, children: readonly Child[]): E {
  const { class: names, text, on = {}, attributes = {} } = properties;
  if (names !== undefined) made.setAttribute("class", names);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) made.setAttribute(name, value === true ? "" : String(value));
  }
  for (const [name, listener] of Object.entries(on)) made.addEventListener(name, listener);
  for (const child of children)
    if (child !== false && child !== undefined) made.append(typeof child === "number" ? String(child) : child);
  return made;
}

export function button(text: string, onClick: () => void, more: Properties = {}): HTMLButtonElement {
  return element("button", {
    text,
    ...more,
    on: { click: onClick },
    attributes: { type: "button", ...more.attributes },
  });
}

export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`there is no #${id}`);
  return found;
}

/** Of numbers that people read. */
export function milliseconds(ms: number): string {
  if (ms >= 10_000) return `${(ms / 1000).toFixed(1)} s`;
  return ms >= 100 ? `${Math.round(ms)} ms` : `${ms.toFixed(1)} ms`;
}
