import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildBoth } from "../../stats/without-hooks.js";

const sources = fileURLToPath(new URL("../../../../runtime/src", import.meta.url));

describe("the build without the places where calls are told of", () => {
  it("finds each of its places, and is as good a program", () => {
    const folder = mkdtempSync(join(tmpdir(), "godwit-hooks-"));
    try {
      const { whole, bare } = buildBoth(sources, folder);
      const text = (build: string) =>
        readdirSync(build, { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".js"))
          .map((name) => readFileSync(join(build, name), "utf8"))
          .join("");
      const tells = (build: string) => text(build).match(/#stats\?\.onMessage/g)?.length ?? 0;
      // Of both sides of a connection none is left; calls within the process are not what is measured.
      assert.deepEqual([tells(whole), tells(bare)], [6, 2]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }).timeout(60_000);
});
