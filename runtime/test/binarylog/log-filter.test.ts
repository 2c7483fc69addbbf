import assert from "node:assert/strict";
import { type LogExtent, parseLogFilter } from "../../src/binarylog/log-filter.js";

const all = Number.POSITIVE_INFINITY;

function extent(headerBytes: number, messageBytes: number): LogExtent {
  return { headerBytes, messageBytes };
}

describe("the filter of a binary log (gRFC A16)", () => {
  const cases: readonly (readonly [string, string, LogExtent | undefined])[] = [
    ["", "/Foo/Bar", undefined],
    ["*", "/Foo/Bar", extent(all, all)],
    ["*{h}", "/Foo/Bar", extent(all, 0)],
    ["*{m}", "/Foo/Bar", extent(0, all)],
    ["*{m:256}", "/Foo/Bar", extent(0, 256)],
    ["*{h:}", "/Foo/Bar", extent(all, 0)],
    ["*{h:12;m:256}", "/Foo/Bar", extent(12, 256)],
    ["Foo/*", "/Foo/Bar", extent(all, all)],
    ["Foo/*", "/Food/Bar", undefined],
    ["Foo/*,-Foo/Bar", "/Foo/Bar", undefined],
    ["Foo/*,-Foo/Bar", "/Foo/Baz", extent(all, all)],
    ["*{h},Foo/*{m:1},Foo/Bar{m:2}", "/Foo/Bar", extent(0, 2)],
    ["*{h},Foo/*{m:1},Foo/Bar{m:2}", "/Foo/Baz", extent(0, 1)],
    ["*{h},Foo/*{m:1},Foo/Bar{m:2}", "/a.b.Other/Baz", extent(all, 0)],
    ["a.b.Foo/Bar, a.b.Foo/Baz", "/a.b.Foo/Baz", extent(all, all)],
  ];
  for (const [filter, path, expected] of cases) {
    it(`${JSON.stringify(filter)} on ${path}`, () => assert.deepEqual(parseLogFilter(filter)(path), expected));
  }

  const wrong: readonly (readonly [string, string])[] = [
    ["Foo", 'expected "*", "service/*", "service/method" or "-service/method"'],
    ["*/Bar", 'expected "*", "service/*", "service/method" or "-service/method"'],
    ["-*", "only a whole method may be left out"],
    ["-Foo/*", "only a whole method may be left out"],
    ["-Foo/Bar{h}", "what is left out has no extent"],
    ["Foo/Bar{}", 'expected "{h}", "{m}" or "{h;m}", each with ":length" if wanted'],
    ["Foo/Bar{m;h}", 'expected "{h}", "{m}" or "{h;m}", each with ":length" if wanted'],
    ["Foo/Bar{h;m;m}", 'expected "{h}", "{m}" or "{h;m}", each with ":length" if wanted'],
    ["Foo/Bar{h:-1}", 'expected "{h}", "{m}" or "{h;m}", each with ":length" if wanted'],
    ["Foo/Bar{h:1", 'expected "*", "service/*", "service/method" or "-service/method"'],
    ["*,*", "there is another pattern for the same methods"],
    ["Foo/Bar,-Foo/Bar", "there is another pattern for the same methods"],
    ["Foo/Bar,", 'expected "*", "service/*", "service/method" or "-service/method"'],
  ];
  for (const [filter, expected] of wrong) {
    it(`refuses ${JSON.stringify(filter)}`, () => {
      assert.throws(
        () => parseLogFilter(filter),
        (error) => error instanceof TypeError && error.message.includes(expected),
      );
    });
  }
});
