import assert from "node:assert/strict";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { create } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { protocGenGodwit } from "../src/plugin.js";
import { compileDirectory, contents, request } from "./support/compile.js";
import { pluginRoot } from "./support/paths.js";
import { parseStatements, type Statement, toScript, wordsOf } from "./support/typescript-parser.js";

/** What a stub may consist of: nothing that runs when it is loaded but the one call of each constant. */
const expectedKinds: ReadonlySet<string> = new Set([
  "ImportDeclaration",
  "TypeAliasDeclaration",
  "InterfaceDeclaration",
  "FunctionDeclaration",
  "FirstStatement",
  "VariableStatement",
]);

/** And what CommonJS needs around it. */
const commonJs =
  /^("use strict"|Object\.defineProperty\(exports, "__esModule", \{ value: true \}\)|exports\.([\w$]+) = \2);$/;

function isExpected({ kind, text }: Statement): boolean {
  return expectedKinds.has(kind) || (kind === "ExpressionStatement" && commonJs.test(text));
}

/** Loads a stub with everything that it imports replaced, and tells what it called. */
function calls(script: string): string[] {
  const seen: string[] = [];
  const imported = new Proxy(
    {},
    { get: (_, name) => (name === "defineService" ? () => seen.push("defineService") : {}) },
  );
  const context = {
    exports: {},
    require: () => imported,
    canary: (what: unknown) => seen.push(`canary ${String(what)}`),
  };
  runInNewContext(script, context, { timeout: 1000 });
  return seen;
}

function assertInert(outputs: ReadonlyMap<string, string>): void {
  for (const [path, content] of outputs) {
    const unexpected = parseStatements(content).filter((statement) => !isExpected(statement));
    assert.deepEqual(unexpected, [], `${path}:\n${content}`);
    if (path.endsWith(".d.ts")) continue;
    const script = toScript(content);
    assert.ok(!wordsOf(script).includes("canary"), `${path}:\n${content}`);
    assert.deepEqual(new Set(calls(script)), new Set(["defineService"]), `${path}:\n${content}`);
  }
}

const breakouts = [
  "*/ globalThis.canary(1) /*",
  "**/globalThis.canary(1)//",
  "*\\/ */ globalThis.canary(1) /*",
  "\nglobalThis.canary(1)\n",
  "\r globalThis.canary(1) //",
  "\r\nglobalThis.canary(1)\r\n",
  "\u2028globalThis.canary(1)//",
  "\u2029globalThis.canary(1)//",
  "\u0085globalThis.canary(1)//",
  '"; globalThis.canary(1); "',
  "'; globalThis.canary(1); '",
  "`; globalThis.canary(1); `",
  "\x24{globalThis.canary(1)}",
  "\\",
  "\\u002a/ globalThis.canary(1)",
  "</script><script>globalThis.canary(1)</script>",
  "<!-- globalThis.canary(1) -->",
  "--> globalThis.canary(1)",
  '/ <reference path="evil.ts" />',
  '\n/ <reference types="evil" />\n',
  "#!globalThis.canary(1)",
  "# sourceMappingURL=data:,globalThis.canary(1)",
  "}; globalThis.canary(1); ({",
  "{ [globalThis.canary(1)]: 1 }",
  "@ts-nocheck\n*/globalThis.canary(1)/*",
  "\0globalThis.canary(1)",
  "\ufeffglobalThis.canary(1)",
  "/",
  "*",
  "__proto__",
  "constructor",
  "then",
  "../../evil",
  "1",
  "",
];

const fieldTypes: readonly FieldDescriptorProto_Type[] = [
  FieldDescriptorProto_Type.STRING,
  FieldDescriptorProto_Type.INT32,
  FieldDescriptorProto_Type.BYTES,
  FieldDescriptorProto_Type.DOUBLE,
  FieldDescriptorProto_Type.UINT64,
  FieldDescriptorProto_Type.MESSAGE,
  FieldDescriptorProto_Type.ENUM,
];

/** A small generator of numbers (mulberry32), so that a failing seed can be run again. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** A request whose every text may be hostile; each is with a chance of one in `rarity`. */
function hostileRequest(seed: number): CodeGeneratorRequest {
  const next = random(seed);
  const rarity = 1 + next(12);
  const breakout = () => breakouts[next(breakouts.length)] ?? "";
  const text = (plain: string) => (next(rarity) === 0 ? breakout() : plain);
  const comment = () => Array.from({ length: next(4) }, breakout).join(["", " ", "\n", "*"][next(4)]);
  const name = (plain: string) => (next(rarity * 6) === 0 ? breakout() : plain);
  const path = `${name("shop")}.proto`;
  const packageName = name("shop.v1");
  const type = `.${packageName === "" ? "" : `${packageName}.`}M`;
  const location = (...at: number[]) => ({
    path: at,
    span: [0, 0, 0],
    leadingComments: comment(),
    trailingComments: comment(),
    leadingDetachedComments: [comment(), comment()],
  });
  const file: FileDescriptorProto = create(FileDescriptorProtoSchema, {
    name: path,
    package: packageName,
    syntax: ["proto3", "proto2"][next(2)] as string,
    messageType: [
      {
        name: "M",
        field: fieldTypes.map((fieldType, index) => ({
          name: name(`field_${index}`),
          number: index + 1,
          type: fieldType,
          label: next(4) === 0 ? FieldDescriptorProto_Label.REPEATED : FieldDescriptorProto_Label.OPTIONAL,
          jsonName: text(`field${index}`),
          ...(fieldType === FieldDescriptorProto_Type.MESSAGE && { typeName: type }),
          ...(fieldType === FieldDescriptorProto_Type.ENUM && { typeName: `${type}.E` }),
          ...(next(3) === 0 && { defaultValue: text("1") }),
          ...(next(4) === 0 && { oneofIndex: 0 }),
        })),
        oneofDecl: [{ name: name("choice") }],
        enumType: [{ name: "E", value: [{ name: name("E_ZERO"), number: 0 }] }],
      },
    ],
    service: [
      {
        name: name("Shop"),
        method: [
          { name: name("Get"), inputType: type, outputType: type, options: { idempotencyLevel: next(3) } },
          { name: name("List"), inputType: type, outputType: type, serverStreaming: true },
        ],
      },
    ],
    options: { javaPackage: text("a"), goPackage: text("b") },
    sourceCodeInfo: {
      location: [location(12), location(2), location(6, 0), location(6, 0, 2, 0), location(6, 0, 2, 1)],
    },
  });
  const options = ["target=ts+js+dts", `rewrite_imports=./x:${text("y")}`, `map_imports=z.proto:${text("./y")}`];
  if (next(rarity) === 0) options.push(`runtime=${breakout()}`);
  if (next(rarity) === 0) options.push(`codec=${breakout()}`);
  if (next(2) === 0) options.push("js_import_style=legacy_commonjs");
  return create(CodeGeneratorRequestSchema, {
    protoFile: [file],
    fileToGenerate: [path],
    parameter: options.join(","),
  });
}

describe("a hostile .proto", () => {
  it("R90 protoc #29889, flatbuffers #8725: gives inert text when a compiler lets it through", () => {
    const files = compileDirectory(join(pluginRoot, "test", "hostile"));
    const outputs = contents(protocGenGodwit.run(request(files, "target=ts+js+dts")));
    assert.deepEqual([...outputs.keys()], ["comments_godwit.ts", "comments_godwit.js", "comments_godwit.d.ts"]);
    assertInert(outputs);
  });

  it("R89 ts-proto 2.11.9, 2.12.1, protoc #26833, #26569: gives inert text or one sentence when it was made by hand", function () {
    this.timeout(60_000);
    const counts = { files: 0, error: 0 };
    for (let seed = 1; seed <= 600; seed++) {
      try {
        const response = protocGenGodwit.run(hostileRequest(seed));
        if (response.error === "") {
          counts.files++;
          assertInert(contents(response));
        } else {
          counts.error++;
          assert.match(response.error, /^[^\p{Cc}\u2028\u2029]+$/u);
          assert.ok(response.error.length < 800, response.error);
          assert.deepEqual(response.file, []);
        }
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    assert.ok(counts.files >= 150, `only ${counts.files} of 600 requests gave files`);
    assert.ok(counts.error >= 150, `only ${counts.error} of 600 requests gave an error`);
  });

  it("is something that these checks would see", () => {
    const bad = "/** */ globalThis.canary(1) /* */\nexport const a = 1;";
    assert.throws(() => assertInert(new Map([["a.ts", bad]])), /ExpressionStatement/);
    assert.deepEqual(calls(toScript("export const a = globalThis.canary(1);")), ["canary 1"]);
    assert.throws(() => parseStatements("/* */ oops(("), /does not parse/);
    const inside = 'function f() { m["a"]; /* canary */ globalThis.canary(1); }';
    assert.throws(() => assertInert(new Map([["a.ts", inside]])), /canary/);
    assert.throws(() => parseStatements('/// <reference path="evil.ts" />'), /reference directive/);
  });
});
