import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import * as nodeModule from "node:module";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { trackedClasses, whereTracked, withReports } from "./tracked-objects.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const mocha = here("../../../../node_modules/mocha/bin/mocha.js");

interface Report {
  readonly failures: readonly { readonly fullTitle: string; readonly err: { readonly message: string } }[];
  readonly stats: { readonly passes: number };
}

function runPlantedLeaks(): Report {
  const options = ["--no-config", "--expose-gc", "--exit", "--reporter", "json", "--require", here("./leak-hooks.js")];
  // Coverage would turn the watch over objects off.
  const { NODE_V8_COVERAGE: _, ...env } = process.env;
  const args = [mocha, ...options, here("./planted-leaks.js")];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", env });
  assert.equal(stderr, "");
  return JSON.parse(stdout) as Report;
}

/** What a module of ours becomes when it is loaded, all of a folder's in one. */
function watchedText(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
  return files.map((file) => withReports(readFileSync(join(folder, file), "utf8"))).join("");
}

const onLinux = process.platform === "linux";
const watchesObjects = "registerHooks" in nodeModule;

describe("the leak check of every suite", () => {
  let sentences: readonly string[] = [];

  before(() => {
    const { failures, stats } = runPlantedLeaks();
    assert.equal(stats.passes, 4);
    sentences = failures.map(({ err }) => err.message);
  });

  it("says which suite left what, and how many", () => {
    const sockets = onLinux ? ", 1 × open socket" : "";
    assert.equal(sentences[0], `"a server and two timers" left behind: 1 × TCPServerWrap, 2 × Timeout${sockets}`);
  });

  it("blames no suite that closed what it opened", () => {
    assert.deepEqual(
      sentences.filter((sentence) => !/^"(a server and two timers|a socket|a call)"/.test(sentence)),
      [],
    );
  });

  (onLinux ? it : it.skip)("sees a socket that keeps no process alive (Linux: /proc)", () => {
    assert.ok(sentences.includes('"a socket" left behind: 1 × open socket'), sentences.join("\n"));
  });

  (watchesObjects ? it : it.skip)(`sees calls that are kept (${whereTracked})`, () => {
    const sentence = sentences.find((each) => each.startsWith('"a call" left behind: '));
    assert.match(sentence ?? "", /\b2 × ServerCall object\b/);
    assert.match(sentence ?? "", /\b1 × Http2Session object\b/);
    assert.doesNotMatch(sentence ?? "", /\bCall object\b/);
  });

  it("knows each class that it watches, in the sources and in the bundle", () => {
    for (const folder of [here("../../src"), here("../../../dist")]) {
      const text = watchedText(folder);
      for (const name of trackedClasses)
        assert.ok(text.includes(`(this, "${name}");`), `no class ${name} in ${folder}`);
    }
  });
});
