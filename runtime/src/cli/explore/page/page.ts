import type { Catalog, MethodView, ServiceView } from "../protocol.js";
import { Api } from "./api.js";
import { CallSettings } from "./call-settings.js";
import { Charts } from "./charts.js";
import { byId, element } from "./dom.js";
import { Journal } from "./journal.js";
import { hashOf, renderMethods } from "./method-list.js";
import { MethodPage } from "./method-page.js";

const api = new Api();
const journal = new Journal(() => performance.now());
const charts = new Charts(byId("charts"), journal);
const main = byId("main");
const search = byId("search") as HTMLInputElement;
const menu = byId("menu") as HTMLDetailsElement;
const narrow = matchMedia("(max-width: 760px)");
/** What was written for a method, by its hash. */
const drafts = new Map<string, string>();

let catalog: Catalog | undefined;
let settings: CallSettings | undefined;
let shown: { readonly hash: string; readonly page: MethodPage } | undefined;

function tell(...children: HTMLElement[]): void {
  main.replaceChildren(element("div", { class: "notice" }, ...children));
}

function listMethods(): void {
  if (catalog === undefined) return;
  byId("methods").replaceChildren(...renderMethods(catalog, search.value, location.hash));
}

function find(hash: string): [ServiceView, MethodView] | undefined {
  for (const service of catalog?.services ?? []) {
    for (const method of service.methods) if (hashOf(service, method) === hash) return [service, method];
  }
  return undefined;
}

async function show(): Promise<void> {
  const { hash } = location;
  if (shown?.hash === hash || settings === undefined) return;
  if (hash !== "" && !hash.startsWith("#/")) return;
  const found = find(hash);
  listMethods();
  leave();
  if (found === undefined) {
    tell(
      element("h1", { text: "Choose a method" }),
      element("p", { class: "empty", text: "/ searches, Enter takes the first that is found." }),
    );
    return;
  }
  const [service, method] = found;
  document.title = `${method.name} · godwit explore`;
  if (narrow.matches) menu.open = false;
  try {
    const types = await api.types(service.name, method.name);
    if (location.hash !== hash) return;
    const page = new MethodPage({ api, settings, journal }, service, method, types, drafts.get(hash) ?? "{}");
    main.replaceChildren(page.root);
    shown = { hash, page };
    page.focus();
  } catch (error) {
    tell(element("h1", { text: method.name }), element("p", { class: "problem", text: (error as Error).message }));
  }
}

/** What was written stays; what runs is cancelled, since nobody sees it any more. */
function leave(): void {
  if (shown === undefined) return;
  drafts.set(shown.hash, shown.page.text);
  shown.page.cancel();
  shown = undefined;
}

async function start(): Promise<void> {
  menu.open = !narrow.matches;
  narrow.addEventListener("change", () => {
    menu.open = !narrow.matches;
  });
  tell(element("p", { class: "empty", text: "Asking the server what it has…" }));
  try {
    catalog = await api.catalog();
  } catch (error) {
    tell(
      element("h1", { text: "Nothing to show" }),
      element("p", { class: "problem", text: (error as Error).message }),
    );
    return;
  }
  byId("target").textContent = catalog.target;
  settings = new CallSettings(catalog);
  listMethods();
  if (catalog.problem === undefined) return show();
  tell(
    element("h1", { text: "The server does not tell what it has" }),
    element("p", { class: "problem", text: catalog.problem }),
    element("p", { class: "empty", text: "Load the page again to ask again." }),
  );
}

search.addEventListener("input", listMethods);
search.addEventListener("keydown", (event) => {
  const links = [...byId("methods").querySelectorAll("a")];
  if (event.key === "Enter") links[0]?.click();
  if (event.key === "ArrowDown") links[0]?.focus();
});

byId("methods").addEventListener("keydown", (event) => {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const links = [...byId("methods").querySelectorAll("a")];
  const index = links.indexOf(document.activeElement as HTMLAnchorElement);
  if (step === 0 || index < 0) return;
  event.preventDefault();
  (links[index + step] ?? (step < 0 ? search : undefined))?.focus();
});

document.addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    menu.open = true;
    search.select();
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    shown?.page.send();
  } else if (event.key === "Escape") shown?.page.cancel();
});

addEventListener("hashchange", () => void show());

api.open(
  (isOpen) => {
    const link = byId("link");
    link.textContent = isOpen ? "connected to godwit" : "godwit explore has ended, or cannot be reached";
    link.classList.toggle("problem", !isOpen);
  },
  (event) => {
    if (event.type === "load") charts.load(event);
  },
);

void start();
