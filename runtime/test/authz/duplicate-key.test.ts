import assert from "node:assert/strict";
import { duplicateKey } from "../../src/authz/duplicate-key.js";

describe("authz/duplicate-key", () => {
  const cases: readonly (readonly [json: string, expected: string | undefined])[] = [
    ['{"a":1,"b":[1,2,{"a":1}],"c":{"a":"a"}}', undefined],
    ['{"a":1,"a":2}', "p.a"],
    ['{"a":1,"\\u0061":2}', "p.a"],
    ['{"rules":[{"x":1},{"x":[[]],"y":{"z":1,"z":2}}]}', "p.rules[1].y.z"],
    ['[[{"k":0},{"k":0,"k":0}]]', "p[0][1].k"],
    ['{"a":"a\\":\\"b, {}[]","b":"\\\\"}', undefined],
    ['{"a":["a","a","a"],"b":"a"}', undefined],
    ['{ "a" :\n1 , "b" : {} , "a" : [] }', "p.a"],
    ['{"__proto__":1,"constructor":2,"__proto__":3}', "p.__proto__"],
    ["12", undefined],
    ['"a:a"', undefined],
  ];

  for (const [json, expected] of cases) {
    it(`finds ${expected ?? "nothing"} in ${json.replaceAll("\n", " ")}`, () => {
      assert.doesNotThrow(() => JSON.parse(json));
      assert.equal(duplicateKey(json, "p"), expected);
    });
  }
});
