import assert from "node:assert/strict";
import type { DescService } from "@bufbuild/protobuf";
import type { MethodDescriptor } from "../../src/rpc/method-descriptor.js";
import type { Service } from "../../src/rpc/service.js";
import { createClient } from "../../src/stub/client.js";
import { describeEcho, Echo, type EchoClient, echoMethod, text } from "../support/echo-service.js";
import { ScriptedInvoker } from "../support/scripted-invoker.js";

describe("stub: createClient", () => {
  it("makes a plain object with a function for each method and nothing else", () => {
    const client = createClient(Echo, new ScriptedInvoker());
    assert.deepEqual(Object.keys(client), ["unary", "upload", "list", "chat"]);
    assert.equal(Object.getPrototypeOf(client), Object.prototype);
    assert.equal("then" in client, false);
  });

  it("makes functions that need no object", () => {
    const invoker = new ScriptedInvoker();
    const { unary } = createClient(Echo, invoker);
    void unary({ value: "a" });
    assert.deepEqual(invoker.call.sent, [text("a")]);
  });

  it("can be faked by an object literal, and a method replaced", async () => {
    const client: EchoClient = createClient(Echo, new ScriptedInvoker());
    client.unary = async () => text("fake");
    assert.equal((await client.unary({})).value, "fake");
  });

  it("takes a descriptor of protobuf-es", () => {
    const invoker = new ScriptedInvoker();
    const client = createClient(describeEcho() as DescService, invoker) as Record<string, (request: object) => unknown>;
    assert.deepEqual(Object.keys(client), ["unary", "upload", "list", "chat"]);
    client["list"]?.({ value: "a" });
    assert.equal(invoker.call.headers.method.path, "/test.v1.Echo/List");
  });

  it("is no promise, whatever a method is called", async () => {
    const then: MethodDescriptor = { ...echoMethod("unary"), localName: "then" };
    const { typeName, desc } = Echo;
    const service: Service<{ then$(): unknown }> = { typeName, desc, methods: [then] };
    const client = createClient(service, new ScriptedInvoker());
    assert.deepEqual(Object.keys(client), ["then$"]);
    assert.equal(await client, client);
  });

  it("does not set a prototype when a method is called __proto__", () => {
    const method: MethodDescriptor = { ...echoMethod("unary"), localName: "__proto__" };
    const client = createClient({ ...Echo, methods: [method] }, new ScriptedInvoker());
    assert.deepEqual(Object.keys(client as object), ["__proto__"]);
    assert.equal(Object.getPrototypeOf(client), Object.prototype);
  });
});
