import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const sources = fileURLToPath(new URL("../../../../runtime/src", import.meta.url));
const builder = new URL("../../stats/without-hooks.js", import.meta.url).href;

/** In a process of its own: esbuild keeps a service beside the one that has used it. */
function buildBoth(folder: string): void {
  const script = `import { buildBoth } from ${JSON.stringify(builder)}; buildBoth(...process.argv.slice(1));`;
  execFileSync(process.execPath, ["--input-type=module", "-e", script, sources, folder]);
}

describe("the build without the places where calls are told of", () => {
  it("finds each of its places, and is as good a program", () => {
    const folder = mkdtempSync(join(tmpdir(), "godwit-hooks-"));
    try {
      buildBoth(folder);
      const text = (build: string) =>
        readdirSync(join(folder, build), { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".js"))
          .map((name) => readFileSync(join(folder, build, name), "utf8"))
          .join("");
      const tells = (build: string) => text(build).match(/#stats\?\.onMessage/g)?.length ?? 0;
      // Of both sides of a connection none is left; calls within the process are not what is measured.
      assert.deepEqual([tells("whole"), tells("bare")], [6, 2]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }).timeout(60_000);
});
