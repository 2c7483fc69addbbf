import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  bundle,
  checkStubs,
  checkStubsWithOldTypeScript,
  createStubProject,
  emitRuntimeDeclarations,
} from "./support/stub-project.js";
import { temporaryDirectory } from "./support/temporary-directory.js";

/** What the runtime made of a stub, as far as this test looks. */
interface LoadedService {
  readonly typeName: string;
  readonly desc: { readonly typeName: string };
  readonly methods: readonly {
    readonly path: string;
    readonly service: string;
    readonly name: string;
    readonly localName: string;
    readonly kind: string;
    readonly idempotency: string;
    readonly desc: { readonly name: string };
  }[];
}

interface Usage {
  readonly services: readonly LoadedService[];
  callFake(): Promise<string[]>;
  callHandlers(): Promise<unknown[]>;
  awaitClient(client: unknown): Promise<boolean>;
}

describe("golden stubs in a project", () => {
  const ts = temporaryDirectory("stubs-ts");
  const js = temporaryDirectory("stubs-js");
  let usage: Usage;

  before(async function () {
    this.timeout(60_000);
    emitRuntimeDeclarations(ts);
    createStubProject(ts, "ts");
    emitRuntimeDeclarations(js);
    createStubProject(js, "js+dts");
    rmSync(join(js, "shop_godwit.ts"));
    usage = await import(pathToFileURL(await bundle(ts, "usage.ts", [".ts", ".js"])).href);
  });

  function service(typeName: string): LoadedService {
    const found = usage.services.find((candidate) => candidate.typeName === typeName);
    assert.ok(found, `service ${typeName}`);
    return found;
  }

  function stubs(): string[] {
    return readdirSync(ts, { recursive: true, encoding: "utf8" }).filter((path) => /_godwit\.ts$/.test(path));
  }

  it("pass the checks of TypeScript 5.4", function () {
    this.timeout(60_000);
    assert.equal(checkStubsWithOldTypeScript(ts, [...stubs(), "usage.ts"]), "");
  });

  for (const resolution of ["nodenext", "bundler"] as const) {
    it(`pass the strictest checks with moduleResolution ${resolution}`, function () {
      this.timeout(60_000);
      assert.equal(stubs().length, 9);
      assert.equal(checkStubs(ts, resolution, [...stubs(), "usage.ts"]), "");
    });

    it(`pass them as declarations beside JavaScript with moduleResolution ${resolution}`, function () {
      this.timeout(60_000);
      assert.equal(checkStubs(js, resolution, ["shop_godwit.d.ts"]), "");
    });
  }

  it("write path, kind and idempotency of every method out", () => {
    const methods = service("shop.v1.Shop").methods.map((method) => [
      method.localName,
      method.path,
      method.kind,
      method.idempotency,
    ]);
    assert.deepEqual(methods, [
      ["get", "/shop.v1.Shop/Get", "unary", "NO_SIDE_EFFECTS"],
      ["list", "/shop.v1.Shop/List", "server_streaming", "NO_SIDE_EFFECTS"],
      ["upload", "/shop.v1.Shop/Upload", "client_streaming", "IDEMPOTENCY_UNKNOWN"],
      ["reprice", "/shop.v1.Shop/Reprice", "unary", "IDEMPOTENT"],
      ["chat", "/shop.v1.Shop/Chat", "bidi_streaming", "IDEMPOTENCY_UNKNOWN"],
      ["buy", "/shop.v1.Shop/Buy", "unary", "IDEMPOTENCY_UNKNOWN"],
    ]);
  });

  it("agree with the descriptors of protoc-gen-es", () => {
    assert.equal(usage.services.length, 9);
    for (const { typeName, desc, methods } of usage.services) {
      assert.equal(desc.typeName, typeName);
      for (const method of methods) {
        assert.equal(method.desc.name, method.name);
        assert.equal(method.service, typeName);
        assert.equal(method.path, `/${typeName}/${method.name}`);
      }
    }
    assert.deepEqual(service("names.v1.AClientHandlers").methods, []);
    assert.equal(service("Till").methods[0]?.path, "/Till/Pay");
  });

  it("escape names that mean something on an object, and no others", () => {
    const names = new Map(service("names.v1.Words").methods.map((method) => [method.name, method.localName]));
    const escaped = [...names].filter(([, localName]) => localName.endsWith("$"));
    assert.deepEqual(escaped, [
      ["Then", "then$"],
      ["Constructor", "constructor$"],
      ["__proto__", "__proto__$"],
      ["toString", "toString$"],
      ["ValueOf", "valueOf$"],
      ["toJSON", "toJSON$"],
    ]);
    assert.equal(names.get("Close"), "close");
    assert.equal(names.get("New"), "new");
    assert.equal(names.get("URLFetch"), "uRLFetch");
    assert.equal(names.get("get_bar"), "get_bar");
    assert.equal(names.size, 37);
  });

  it("let an object literal be a client", async () => {
    assert.deepEqual(await usage.callFake(), [
      "1",
      "first of 3",
      "second",
      "2",
      "re: one",
      "re: two",
      "google.protobuf.Empty",
      "sold",
    ]);
  });

  it("let a class be a service", async () => {
    assert.deepEqual(
      (await usage.callHandlers()).map((message) => ({ ...(message as object), $typeName: undefined })),
      [
        { id: "shelf 1", price: 1n },
        { id: "0" },
        { id: "1" },
        { text: "hi in 7 ms" },
        { id: "0" },
        { id: "1", price: 0n },
      ].map((message) => ({ ...message, $typeName: undefined })),
    );
  });

  it("make no promise of a client that has a method Then", async () => {
    const methods = service("names.v1.Words").methods;
    const client = Object.fromEntries(methods.map((method) => [method.localName, () => Promise.resolve({})]));
    assert.equal(await usage.awaitClient(client), true);
  });

  it("run as JavaScript too", async () => {
    const loaded: { Shop: LoadedService } = await import(
      pathToFileURL(await bundle(js, "shop_godwit.js", [".js", ".ts"])).href
    );
    assert.deepEqual(
      loaded.Shop.methods.map((method) => method.path),
      service("shop.v1.Shop").methods.map((method) => method.path),
    );
    assert.doesNotMatch(readFileSync(join(js, "shop_godwit.js"), "utf8"), /import type|interface/);
  });
});
