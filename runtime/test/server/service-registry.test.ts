import assert from "node:assert/strict";
import type { HandlerContext } from "../../src/rpc/handler-context.js";
import { ServiceRegistry } from "../../src/server/service-registry.js";
import { Echo } from "../support/echo-service.js";

const noContext = {} as HandlerContext;

describe("server: service registry", () => {
  let registry: ServiceRegistry;

  beforeEach(() => {
    registry = new ServiceRegistry();
  });

  it("finds methods by their path, byte for byte", () => {
    registry.add(Echo, { unary: () => "u" }, true);
    assert.equal(registry.find("/test.v1.Echo/Unary")?.method, Echo.methods[0]);
    for (const path of ["", "/", "test.v1.Echo/Unary", "/test.v1.Echo/unary", "/test.v1.Echo/Unary/", "/__proto__/x"]) {
      assert.equal(registry.find(path), undefined, path);
    }
  });

  it("binds the methods of a class instance, private fields and inherited ones too", () => {
    class Base {
      list(): string {
        return `list of ${this.name()}`;
      }

      name(): string {
        return "base";
      }
    }
    class Impl extends Base {
      readonly #name = "impl";

      unary(): string {
        return this.#name;
      }

      override name(): string {
        return this.#name;
      }
    }
    registry.add(Echo, new Impl(), true);
    assert.equal(registry.find("/test.v1.Echo/Unary")?.handler(undefined, noContext), "impl");
    assert.equal(registry.find("/test.v1.Echo/List")?.handler(undefined, noContext), "list of impl");
  });

  it("names the methods that are missing, and adds nothing then", () => {
    assert.throws(
      () => registry.add(Echo, { unary() {}, list: 7 }, false),
      /^TypeError: handlers of test\.v1\.Echo lack upload, list, chat: implement them, or add the service with addPartial$/,
    );
    assert.equal(registry.find("/test.v1.Echo/Unary"), undefined);
    registry.add(Echo, { unary() {}, upload() {}, list() {}, chat() {} }, false);
    assert.ok(registry.find("/test.v1.Echo/Chat"));
  });

  it("refuses a service twice, and handlers that are no object", () => {
    registry.add(Echo, {}, true);
    assert.throws(() => registry.add(Echo, {}, true), /^Error: service test\.v1\.Echo was added twice$/);
    assert.throws(
      () => new ServiceRegistry().add(Echo, undefined, true),
      /^TypeError: handlers of test\.v1\.Echo are undefined, expected an object$/,
    );
  });

  it("says what there is instead of what was asked for", () => {
    assert.equal(registry.unimplementedMessage("/a.B/C"), 'unknown service "a.B", this server has: no services');
    registry.add(Echo, { unary() {}, list() {} }, true);
    assert.equal(registry.unimplementedMessage("/a.B/C"), 'unknown service "a.B", this server has: test.v1.Echo');
    assert.equal(
      registry.unimplementedMessage("/test.v1.Echo/Nope"),
      'method "Nope" of service test.v1.Echo is unknown, it has: Unary, List',
    );
    assert.equal(
      registry.unimplementedMessage("/test.v1.Echo/Chat"),
      'method "Chat" of service test.v1.Echo is not implemented by this server, it has: Unary, List',
    );
  });

  it("answers any path a peer may send, and repeats little of it", () => {
    for (const path of ["", "/", "//", "no-slash", "/test.v1.Echo", "/test.v1.Echo/", `/${"x".repeat(16_000)}/y`]) {
      const message = registry.unimplementedMessage(path);
      assert.match(message, /^unknown service "/, path);
      assert.ok(message.length < 300);
    }
  });

  it("lists 20 services and counts the others", () => {
    for (let i = 0; i < 22; i++) registry.add({ ...Echo, typeName: `s${i}`, methods: [] }, {}, true);
    assert.match(registry.unimplementedMessage("/a.B/C"), /s18, s19 and 2 more$/);
  });
});
