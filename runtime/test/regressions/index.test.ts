/** Holds docs/regressions.md and the tests together: each row has its test, each test its row. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "..");
const folders = ["runtime/test", "plugin/test", "interop-tests/cases"];

interface Row {
  readonly id: string;
  readonly origin: string;
  readonly fault: string;
  readonly test: string;
}

function readRows(): Row[] {
  const lines = readFileSync(join(root, "docs", "regressions.md"), "utf8").split("\n");
  return lines
    .filter((line) => /^\| R\d/.test(line))
    .map((line) => {
      const [id = "", origin = "", fault = "", test = ""] = line.slice(2, -2).split(" | ");
      return { id, origin, fault, test: test.replaceAll("`", "") };
    });
}

/** The titles of a test file that begin with an id. */
function titlesIn(file: string): string[] {
  const source = readFileSync(join(root, file), "utf8");
  return [...source.matchAll(/"(R\d{2,} (?:[^"\\]|\\.)*)"/g)].map((match) => match[1] as string);
}

const testFiles: readonly string[] = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`),
);

describe("docs/regressions.md", () => {
  const rows = readRows();

  it("has a row for each id, in order, that says where it comes from and what it was", () => {
    const ids = rows.map(({ id }) => Number(id.slice(1)));
    assert.deepEqual(
      ids,
      [...new Set(ids)].sort((a, b) => a - b),
    );
    for (const { id, origin, fault } of rows) {
      assert.notEqual(origin, "", id);
      assert.match(fault, /^.+\.$/, id);
    }
  });

  it("names a test for each row, which begins with the row's id and origin", () => {
    for (const { id, origin, test } of rows) {
      assert.ok(testFiles.includes(test), `${id}: there is no ${test}`);
      const start = `${id} ${origin}: `;
      assert.ok(
        titlesIn(test).some((title) => title.startsWith(start)),
        `${test} has no test "${start}…"`,
      );
    }
  });

  it("has a row for each test with an id", () => {
    const known = new Map(rows.map(({ id, test }) => [id, test]));
    for (const file of testFiles) {
      for (const title of titlesIn(file)) {
        const id = title.split(" ", 1)[0] as string;
        assert.equal(known.get(id), file, title);
      }
    }
  });
});
