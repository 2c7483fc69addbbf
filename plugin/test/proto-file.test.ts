import assert from "node:assert/strict";
import { checkDistinct, checkProtoFile } from "../src/proto-file.js";

describe("checkProtoFile", () => {
  it("passes what protoc gives", () => {
    for (const path of [
      "a.proto",
      "shop/v1/shop.proto",
      "a b.proto",
      "ünïcödé/文件.proto",
      "no_extension",
      "a..b/c.proto",
      ".hidden/x.proto",
    ]) {
      checkProtoFile(path, "");
      checkProtoFile(path, "shop.v1");
      checkProtoFile(path, "_a.B9");
    }
  });

  const paths: readonly [path: string, shown: string][] = [
    ["../evil.proto", '"../evil.proto"'],
    ["a/../../evil.proto", '"a/../../evil.proto"'],
    ["./a.proto", '"./a.proto"'],
    ["a/./b.proto", '"a/./b.proto"'],
    ["/etc/evil.proto", '"/etc/evil.proto"'],
    ["a//b.proto", '"a//b.proto"'],
    ["a/", '"a/"'],
    ["", '""'],
    ["C:evil.proto", '"C:evil.proto"'],
    ["c:/evil.proto", '"c:/evil.proto"'],
    ["a\\..\\evil.proto", '"a\\\\..\\\\evil.proto"'],
    ["a\0.proto", '"a\\u0000.proto"'],
    ["a\nb.proto", '"a\\nb.proto"'],
    ["a\u2028b.proto", '"a\\u2028b.proto"'],
    ["..", '".."'],
  ];
  for (const [path, shown] of paths) {
    it(`refuses the path ${shown}`, () => {
      assert.throws(() => checkProtoFile(path, "a"), {
        name: "GenerationError",
        message: `file path ${shown} cannot be generated: expected a relative path with "/" between names and without ".", "..", "\\", a drive letter and control characters`,
      });
    });
  }

  for (const name of ["a b", "a;b", ".a", "a.", "a..b", 'a"', "a*/", "a\n"]) {
    it(`refuses the package ${JSON.stringify(name)}`, () => {
      assert.throws(() => checkProtoFile("a.proto", name), {
        name: "GenerationError",
        message: `a.proto: package ${JSON.stringify(name)} cannot be generated: expected identifiers with "." between them`,
      });
    });
  }
});

describe("checkDistinct", () => {
  it("passes files that no file system confuses", () => {
    checkDistinct([]);
    checkDistinct(["a.proto", "b.proto", "a/a.proto", "aa.proto"]);
  });

  const pairs: readonly [string, string][] = [
    ["shop/A.proto", "shop/a.proto"],
    ["Shop/a.proto", "shop/a.proto"],
    ["a.proto", "a"],
    ["caf\u00e9.proto", "cafe\u0301.proto"],
  ];
  for (const [first, second] of pairs) {
    it(`refuses ${first} beside ${second}`, () => {
      assert.throws(() => checkDistinct(["x.proto", first, second]), {
        name: "GenerationError",
        message: `files "${first}" and "${second}" would be written to one output on a file system that ignores case: rename one of them`,
      });
    });
  }
});
