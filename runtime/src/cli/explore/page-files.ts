import { readFileSync } from "node:fs";
import type { PageFiles } from "./web-server.js";

const contentTypes: Readonly<Record<string, string>> = {
  "page.html": "text/html; charset=utf-8",
  "page.css": "text/css; charset=utf-8",
  "page.js": "text/javascript; charset=utf-8",
};

/** All files of the page, read once: nothing else of that folder is served. */
export function readPageFiles(folder: URL): PageFiles {
  return new Map(
    Object.entries(contentTypes).map(([name, contentType]) => {
      return [name, { contentType, text: readFileSync(new URL(name, folder), "utf8") }];
    }),
  );
}
