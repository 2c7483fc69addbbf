import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { protocGenGodwit } from "../src/plugin.js";
import { compileGolden, contents, request } from "./support/compile.js";
import { goldenDirectory } from "./support/paths.js";

const options = "import_extension=js,elide_plugin_version=true";

/** Writes the files instead of comparing them: UPDATE_GOLDEN=1. */
const updates = process.env["UPDATE_GOLDEN"] === "1";

describe("golden stubs", () => {
  let descriptors: FileDescriptorProto[];
  before(() => {
    descriptors = compileGolden();
  });

  function compare(outputs: ReadonlyMap<string, string>): void {
    for (const [path, content] of outputs) {
      const golden = join(goldenDirectory, path);
      if (updates) writeFileSync(golden, content);
      assert.equal(content, existsSync(golden) ? readFileSync(golden, "utf8") : undefined, path);
    }
  }

  it("equal the committed ones byte for byte", () => {
    const outputs = contents(protocGenGodwit.run(request(descriptors, `target=ts,${options}`)));
    compare(outputs);
    const committed = readdirSync(goldenDirectory, { recursive: true, encoding: "utf8" });
    assert.deepEqual([...outputs.keys()].sort(), committed.filter((path) => path.endsWith("_godwit.ts")).sort());
  });

  it("equal the committed ones for the targets js and dts", () => {
    const outputs = contents(protocGenGodwit.run(request(descriptors, `target=js+dts,${options}`, ["shop.proto"])));
    assert.deepEqual([...outputs.keys()], ["shop_godwit.js", "shop_godwit.d.ts"]);
    compare(outputs);
  });

  it("equal the committed one for CommonJS", () => {
    const parameter = `target=js,js_import_style=legacy_commonjs,${options}`;
    const outputs = contents(protocGenGodwit.run(request(descriptors, parameter, ["shop.proto"])));
    compare(new Map([["shop_godwit.cjs.js", outputs.get("shop_godwit.js") ?? ""]]));
  });

  it("are the same when generated again, in another order and one by one", () => {
    const all = [...contents(protocGenGodwit.run(request(descriptors, "target=ts+js+dts")))];
    const again = [...contents(protocGenGodwit.run(request(descriptors, "target=ts+js+dts")))];
    assert.deepEqual(again, all);
    const names = descriptors.map((file) => file.name).filter((name) => !name.startsWith("google/"));
    const reversed = contents(protocGenGodwit.run(request(descriptors, "target=ts+js+dts", names.reverse())));
    assert.deepEqual([...reversed], all);
    // Codecs apart: files of one run refer to each other's.
    const without = contents(protocGenGodwit.run(request(descriptors, "target=ts+js+dts,codec=none")));
    const single = names.flatMap((name) => [
      ...contents(protocGenGodwit.run(request(descriptors, "target=ts+js+dts,codec=none", [name]))),
    ]);
    assert.deepEqual(new Map(single), without);
  });

  it("come out when the request holds the descriptors in another order that is valid", () => {
    const all = contents(protocGenGodwit.run(request(descriptors, "target=ts")));
    const first = descriptors.filter((file) => file.dependency.length === 0);
    const rest = descriptors.filter((file) => file.dependency.length > 0);
    assert.deepEqual(contents(protocGenGodwit.run(request([...first.reverse(), ...rest], "target=ts"))), all);
  });
});
