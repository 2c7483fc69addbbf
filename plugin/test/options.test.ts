import assert from "node:assert/strict";
import { checkParameter, defaultOptions, optionUsages, parseOptions } from "../src/options.js";

const list =
  "the options are target=js|ts|dts (several joined by +), import_extension=none|js|ts, js_import_style=module|legacy_commonjs, keep_empty_files=true|false, ts_nocheck=true|false, elide_plugin_version=true|false, bootstrap_wkt=true|false, rewrite_imports=<pattern>:<target>, map_imports=<pattern>:<target>, codec=rpc|all|none, runtime=<package>, lint=warn|error|off";

function error(parameter: string): string {
  try {
    checkParameter(parameter);
  } catch (caught) {
    assert.ok(caught instanceof Error);
    return caught.message;
  }
  return "";
}

describe("options", () => {
  it("are known in every spelling that protoplugin takes", () => {
    const valid = [
      "",
      "target=ts",
      "target=js+dts+ts",
      "import_extension=none,import_extension=.js,import_extension=ts,import_extension=",
      "js_import_style=module,js_import_style=legacy_commonjs",
      "keep_empty_files=true,ts_nocheck=false,elide_plugin_version=1,bootstrap_wkt=0",
      "rewrite_imports=./foo/**:@scope/package,map_imports=foo/*.proto:@scope/package",
      "codec=rpc,codec=all,codec=none",
      "lint=warn,lint=error,lint=off",
      "runtime=godwit,runtime=@scope/name,runtime=@scope/name/sub/path,runtime=#godwit,runtime=a.b_c-d~e",
    ];
    for (const parameter of valid) assert.equal(error(parameter), "", parameter);
  });

  it("that do not exist are named, with all that do", () => {
    assert.equal(error("target=ts,colour=red"), `option "colour=red" is unknown; ${list}`);
    assert.equal(error("json_types"), `option "json_types" is unknown; ${list}`);
    assert.equal(error("target=ts,"), `option "" is unknown; ${list}`);
    assert.equal(error("Target=ts"), `option "Target=ts" is unknown; ${list}`);
    assert.equal(error("constructor=1"), `option "constructor=1" is unknown; ${list}`);
  });

  const wrong: readonly [parameter: string, usage: string][] = [
    ["target=tsx", "target=js|ts|dts (several joined by +)"],
    ["target=ts+", "target=js|ts|dts (several joined by +)"],
    ["import_extension=mjs", "import_extension=none|js|ts"],
    ["js_import_style=commonjs", "js_import_style=module|legacy_commonjs"],
    ["keep_empty_files=yes", "keep_empty_files=true|false"],
    ["elide_plugin_version", "elide_plugin_version=true|false"],
    ["ts_nocheck=", "ts_nocheck=true|false"],
    ["rewrite_imports=foo", "rewrite_imports=<pattern>:<target>"],
    ["map_imports=:foo", "map_imports=<pattern>:<target>"],
    ["map_imports=foo:", "map_imports=<pattern>:<target>"],
    ["codec=fast", "codec=rpc|all|none"],
    ["codec", "codec=rpc|all|none"],
    ["lint=no", "lint=warn|error|off"],
    ["runtime=", "runtime=<package>"],
    ["runtime=./vendor/godwit", "runtime=<package>"],
    ["runtime=../godwit", "runtime=<package>"],
    ["runtime=/godwit", "runtime=<package>"],
    ["runtime=godwit/", "runtime=<package>"],
    ["runtime=godwit/../other", "runtime=<package>"],
    ["runtime=node:fs", "runtime=<package>"],
    ["runtime=@scope", "runtime=<package>"],
  ];
  for (const [parameter, usage] of wrong) {
    it(`with a value that is not valid say what would be: ${parameter}`, () => {
      assert.equal(
        error(`target=ts,${parameter}`),
        `option "${parameter}" has a value that is not valid, expected ${usage}; ${list}`,
      );
    });
  }

  it("are quoted so that nothing in them reaches a terminal raw", () => {
    const message = error('runtime=a"\n\u001b[31m\u2028');
    assert.ok(message.startsWith('option "runtime=a\\"\\n\\u001b[31m\\u2028" has a value'), message);
    assert.equal(message.includes("\n"), false);
  });

  it("have defaults, and the last of several wins", () => {
    assert.deepEqual(parseOptions([]), { codec: "rpc", runtime: "godwit", lint: "warn" });
    assert.deepEqual(parseOptions([]), defaultOptions);
    assert.equal(parseOptions([{ key: "lint", value: "error" }]).lint, "error");
    const options = [
      { key: "codec", value: "all" },
      { key: "runtime", value: "@scope/name" },
      { key: "codec", value: "none" },
    ];
    assert.deepEqual(parseOptions(options), { codec: "none", runtime: "@scope/name", lint: "warn" });
  });

  it("are listed in one order", () => {
    assert.equal(`the options are ${optionUsages.join(", ")}`, list);
  });
});
