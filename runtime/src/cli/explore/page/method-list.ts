import type { Catalog, MethodKind, MethodView, ServiceView } from "../protocol.js";
import { element } from "./dom.js";

export const kindNames: Readonly<Record<MethodKind, string>> = {
  unary: "unary",
  server_streaming: "server stream",
  client_streaming: "client stream",
  bidi_streaming: "bidi stream",
};

const kindMarks: Readonly<Record<MethodKind, string>> = {
  unary: "→",
  server_streaming: "⇉",
  client_streaming: "⇶",
  bidi_streaming: "⇄",
};

export function hashOf(service: ServiceView, method: MethodView): string {
  return `#/${service.name}/${method.name}`;
}

/** Services and methods whose names or comments have all words of `search`. */
export function renderMethods(catalog: Catalog, search: string, current: string): HTMLElement[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  const groups = catalog.services
    .map((service) => renderService(service, words, current))
    .filter((each) => each !== undefined);
  if (groups.length > 0) return groups;
  const text = catalog.services.length === 0 ? "No services." : `No method has “${search}” in its name.`;
  return [element("p", { class: "empty", text })];
}

function renderService(service: ServiceView, words: readonly string[], current: string): HTMLElement | undefined {
  const methods = service.methods.filter((method) => {
    const text = `${service.name}/${method.name} ${method.comment}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  if (methods.length === 0 && (words.length > 0 || service.problem === undefined)) return undefined;
  const dot = service.name.lastIndexOf(".");
  const id = `service-${service.name}`;
  return element(
    "section",
    { class: "service", attributes: { "aria-labelledby": id } },
    element(
      "h2",
      { attributes: { id, title: service.comment } },
      element("span", { class: "package", text: service.name.slice(0, dot + 1) }),
      element("wbr"),
      service.name.slice(dot + 1),
    ),
    service.problem !== undefined && element("p", { class: "problem", text: service.problem }),
    element("ul", {}, ...methods.map((method) => renderMethod(service, method, current))),
  );
}

function renderMethod(service: ServiceView, method: MethodView, current: string): HTMLElement {
  const href = hashOf(service, method);
  return element(
    "li",
    {},
    element(
      "a",
      {
        class: method.isDeprecated ? "method deprecated" : "method",
        attributes: { href, "aria-current": href === current ? "page" : undefined, title: method.comment },
      },
      element("span", { class: "mark", text: kindMarks[method.kind], attributes: { "aria-hidden": "true" } }),
      method.name,
      element("span", { class: "hidden", text: `, ${kindNames[method.kind]}` }),
    ),
  );
}
