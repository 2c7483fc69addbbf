import assert from "node:assert/strict";
import { createFileRegistry, create as createMessage, createRegistry } from "@bufbuild/protobuf";
import {
  AnySchema,
  FileDescriptorSetSchema,
  file_google_protobuf_wrappers,
  Int64ValueSchema,
  ListValueSchema,
  StringValueSchema,
  StructSchema,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { serviceFromDesc } from "../../src/codec/describe-service.js";
import { createJsonCodec } from "../../src/codec/json-codec.js";
import { createProtobufEsCodec } from "../../src/codec/protobuf-es-codec.js";
import { ServiceRegistry } from "../../src/server/service-registry.js";

const depth = 100_000;

/** A field of wire type LEN. */
function field(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const octets: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 128)) octets.push((left % 128) | 0x80);
  return Buffer.from([...octets, left]);
}

/** A google.protobuf.Value that is a list of a list of a list, made from the innermost outwards. */
function nestedLists(levels: number): Buffer {
  let length = 0;
  const headers: Buffer[] = [];
  for (let i = 0; i < levels; i++) {
    // ListValue.values = 1, Value.list_value = 6.
    for (const number of [1, 6]) {
      const header = Buffer.concat([varint(number * 8 + 2), varint(length)]);
      headers.push(header);
      length += header.length;
    }
  }
  return Buffer.concat(headers.reverse());
}

function decode(schema: Parameters<typeof createProtobufEsCodec>[0], bytes: Uint8Array): unknown {
  return createProtobufEsCodec(schema).decode(bytes, 0, bytes.length, false);
}

/** A service whose methods have these names. */
function serviceOf(names: readonly string[]) {
  const type = ".google.protobuf.StringValue";
  const file = {
    name: "odd.proto",
    package: "odd",
    syntax: "proto3",
    dependency: ["google/protobuf/wrappers.proto"],
    service: [{ name: "Odd", method: names.map((name) => ({ name, inputType: type, outputType: type })) }],
  };
  const set = createMessage(FileDescriptorSetSchema, { file: [file_google_protobuf_wrappers.proto, file] });
  const desc = createFileRegistry(set).getService("odd.Odd");
  assert.ok(desc);
  return serviceFromDesc(desc);
}

describe("Regressions: protobuf and JSON", () => {
  it("R80 protobufjs CVE-2026-44289, CVE-2026-48712: messages within messages without end do not exhaust the stack", () => {
    assert.doesNotThrow(() => decode(ValueSchema, nestedLists(20)));
    for (const levels of [60, 1000, depth]) {
      assert.throws(() => decode(ValueSchema, nestedLists(levels)), { message: /depth|recursion|nest/i }, `${levels}`);
    }
  });

  it("R81 protobuf-java CVE-2024-7254: groups within groups of unknown fields do not exhaust the stack", () => {
    const startGroup = varint(15 * 8 + 3);
    const endGroup = varint(15 * 8 + 4);
    const groups = (levels: number) =>
      Buffer.concat([
        ...Array.from({ length: levels }, () => startGroup),
        ...Array.from({ length: levels }, () => endGroup),
      ]);
    assert.doesNotThrow(() => decode(StringValueSchema, groups(50)));
    for (const levels of [1000, depth]) {
      assert.throws(() => decode(StringValueSchema, groups(levels)), { message: /depth|recursion|nest/i });
    }
  });

  it("R82 protobufjs CVE-2026-44288: text that is no UTF-8, overlong forms among it, is no string", () => {
    const texts = ["c080", "c0af", "e080af", "f08080af", "eda080", "f4908080", "ff", "e28228", "c3"];
    for (const text of texts) {
      assert.throws(() => decode(StringValueSchema, field(1, Buffer.from(text, "hex"))), Error, text);
      const json = Buffer.concat([Buffer.from('"'), Buffer.from(text, "hex"), Buffer.from('"')]);
      assert.throws(() => createJsonCodec(StringValueSchema).decode(json, 0, json.length, false), Error, text);
    }
  });

  it("R83 protobufjs, lengths: a field that claims more than there is does not make room for what it claims", () => {
    const lengths = ["ffffffff07", "ffffffff0f", "8080808008", "ffffffffffffffffff01", "80808080808080808080808001"];
    for (const length of lengths) {
      const bytes = Buffer.from(`0a${length}6162`, "hex");
      assert.throws(() => decode(StringValueSchema, bytes), Error, length);
      assert.throws(() => decode(ListValueSchema, bytes), Error, length);
    }
    for (const value of ["0880808080808080808080", "08ffffffffffffffffffff01", "08"]) {
      assert.throws(() => decode(Int64ValueSchema, Buffer.from(value, "hex")), Error, value);
    }
  });

  it("R84 protobufjs CVE-2022-25878, CVE-2023-36665: keys of a map are not taken for properties of all objects", () => {
    const keys = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];
    const before = Object.getOwnPropertyNames(Object.prototype).length;
    for (const key of keys) {
      const value = field(
        5,
        field(1, Buffer.concat([field(1, Buffer.from("polluted")), field(2, Buffer.from("2001", "hex"))])),
      );
      const entry = Buffer.concat([field(1, Buffer.from(key)), field(2, value)]);
      const struct = decode(StructSchema, field(1, entry)) as { fields: Record<string, unknown> };
      assert.deepEqual(Object.keys(struct.fields), [key]);
      const json = Buffer.from(`{"${key}": {"polluted": true}}`);
      createJsonCodec(StructSchema).decode(json, 0, json.length, false);
      assert.equal(({} as Record<string, unknown>)["polluted"], undefined, key);
      assert.equal(typeof {}.toString, "function");
    }
    assert.equal(Object.getOwnPropertyNames(Object.prototype).length, before);
  });

  it("R85 protobufjs CVE-2026-54269: a method that is called like a property of every object is not one that is there", () => {
    const names = ["HasOwnProperty", "IsPrototypeOf", "PropertyIsEnumerable", "ToLocaleString", "ToString", "ValueOf"];
    const service = serviceOf([...names, "Constructor", "__proto__", "__defineGetter__"]);
    assert.throws(
      () => new ServiceRegistry().add(service, {}, false),
      /lack hasOwnProperty, isPrototypeOf, propertyIsEnumerable/,
    );
    class Handlers {
      isPrototypeOf(): object {
        return {};
      }
    }
    const registry = new ServiceRegistry();
    registry.add(service, new Handlers(), true);
    const found = service.methods.filter(({ path }) => registry.find(path) !== undefined);
    assert.deepEqual(
      found.map(({ path }) => path),
      ["/odd.Odd/IsPrototypeOf"],
    );
  });

  it("R86 protobuf-es #1434, protobuf-python CVE-2025-4565: JSON within JSON without end does not exhaust the stack", () => {
    const codec = createJsonCodec(ValueSchema);
    const nested = (levels: number) => Buffer.from("[".repeat(levels) + "]".repeat(levels));
    for (const levels of [1000, depth]) {
      const json = nested(levels);
      assert.throws(() => codec.decode(json, 0, json.length, false), Error);
    }
    const any = createJsonCodec(AnySchema, createRegistry(AnySchema));
    let inner = "{}";
    for (let i = 0; i < 2000; i++) inner = `{"@type":"type.googleapis.com/google.protobuf.Any","value":${inner}}`;
    const json = Buffer.from(inner);
    assert.throws(() => any.decode(json, 0, json.length, false), Error);
  });

  it("R59 grpc-js CVE-2020-7768: names of a .proto do not reach the prototype of all objects", () => {
    const before = Object.getOwnPropertyNames(Object.prototype).sort();
    const service = serviceOf(["__proto__", "Constructor", "Then"]);
    const handlers = { __proto__$: () => ({}), constructor$: () => ({}), then$: () => ({}) };
    const registry = new ServiceRegistry();
    registry.add(service, handlers, false);
    for (const { path } of service.methods) assert.ok(registry.find(path), path);
    assert.deepEqual(Object.getOwnPropertyNames(Object.prototype).sort(), before);
    for (const path of ["/__proto__/x", "/constructor/prototype", "__proto__", "/odd.Odd/__proto__/__proto__"]) {
      assert.equal(registry.find(path), undefined);
    }
  });
});
