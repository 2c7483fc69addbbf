/** Hooks of a module loader: what is imported from "godwit" comes from another folder. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

let folder: string | undefined;

export function initialize(data: string | undefined): void {
  folder = data;
}

type NextResolve = (specifier: string, context: object) => Promise<{ url: string }>;

export async function resolve(specifier: string, context: object, next: NextResolve): Promise<object> {
  const isEntry = specifier === "godwit" || specifier === "godwit/codegen/v1";
  if (folder === undefined || !isEntry) return next(specifier, context);
  const entry = specifier === "godwit" ? "index" : specifier.slice("godwit/".length);
  return { url: pathToFileURL(join(folder, `${entry}.js`)).href, shortCircuit: true };
}
