import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** What a compiled file imports as soon as it is loaded, and what those import: packages by name, files by path. */
function importsOf(file: URL, seen = new Set<string>()): Set<string> {
  for (const [, name = ""] of readFileSync(file, "utf8").matchAll(/^(?:import|export) (?:.* from )?"([^"]+)";$/gm)) {
    const found = name.startsWith(".") ? new URL(name, file).href : name;
    if (seen.has(found)) continue;
    seen.add(found);
    if (name.startsWith(".")) importsOf(new URL(found), seen);
  }
  return seen;
}

describe("processes of the macro benchmark", () => {
  for (const main of ["client-main", "server-main"]) {
    it(`${main} loads no library but its subject's, which would count as its memory`, () => {
      const imports = [...importsOf(new URL(`../../macro/${main}.js`, import.meta.url))];
      assert.ok(imports.length > 3, imports.join(", "));
      assert.deepEqual(
        imports.filter((name) => !name.startsWith("node:") && !name.startsWith("file:")),
        [],
      );
    });
  }
});
