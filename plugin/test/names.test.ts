import assert from "node:assert/strict";
import { generate, generationError } from "./support/compile.js";

const header = 'syntax = "proto3"; package a.v1;';

function exportsOf(stub: string | undefined): string[] {
  return [...(stub ?? "").matchAll(/^export (?:const|interface|type) ([\w$]+)/gm)].map((match) => match[1] ?? "");
}

describe("names", () => {
  const clashes: readonly [first: string, second: string, localName: string][] = [
    ["GetFoo", "getFoo", "getFoo"],
    ["Then", "then", "then$"],
    ["Constructor", "constructor", "constructor$"],
  ];
  for (const [first, second, localName] of clashes) {
    it(`refuse ${first} beside ${second}`, () => {
      const source = `${header} message M {} service S { rpc ${first}(M) returns (M); rpc Other(M) returns (M); rpc ${second}(M) returns (M); }`;
      assert.equal(
        generationError({ "shop/a.proto": source }),
        `shop/a.proto: methods ${first} and ${second} of service a.v1.S would both be called ${localName}: rename one of them`,
      );
    });
  }

  it("of methods may meet in different services", () => {
    const source = `${header} message M {} service S { rpc GetFoo(M) returns (M); } service T { rpc getFoo(M) returns (M); }`;
    assert.equal(generationError({ "a.proto": source }), "");
  });

  it("of exports are unique, and clear of the file's messages", () => {
    const source = `${header}
message M {} message MInit {} message SClient {} message SHandlers { message Init {} }
enum SHandlersInit { NONE = 0; }
service S { rpc Do(M) returns (SHandlers.Init); rpc More(MInit) returns (SHandlers); }
service THandlers {}`;
    const stub = generate({ "a.proto": source }).get("a_godwit.ts");
    assert.deepEqual(exportsOf(stub), [
      "MInit$",
      "MInitInit",
      "SHandlersInit$",
      "SHandlers_InitInit",
      "SClient$",
      "SHandlers$",
      "S",
      "THandlersClient",
      "THandlersHandlers",
      "THandlers",
    ]);
  });

  it("of init types do not depend on the order of methods", () => {
    const other = 'syntax = "proto3"; package b.v1; message Item {} message Only {}';
    const service = (methods: string) => `${header} import "b.proto"; message Item {} service S { ${methods} }`;
    const methods = ["rpc A(b.v1.Item) returns (Item);", "rpc B(b.v1.Only) returns (Item);"];
    const forth = generate({ "a.proto": service(methods.join(" ")), "b.proto": other }).get("a_godwit.ts");
    const back = generate({ "a.proto": service(methods.reverse().join(" ")), "b.proto": other }).get("a_godwit.ts");
    const inits = (stub: string | undefined) => [...(stub ?? "").matchAll(/^export type .*$/gm)].map(String);
    assert.deepEqual(inits(forth), [
      "export type ItemInit = MessageInitShape<typeof ItemSchema>;",
      "export type ItemInit$ = MessageInitShape<typeof ItemSchema$1>;",
      "export type OnlyInit = MessageInitShape<typeof OnlySchema>;",
    ]);
    assert.deepEqual(inits(back), inits(forth));
  });
});
