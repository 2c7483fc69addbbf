import assert from "node:assert/strict";
import { create, createFileRegistry, setExtension } from "@bufbuild/protobuf";
import {
  FileDescriptorSetSchema,
  file_google_protobuf_empty,
  type MethodOptions,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { serviceFromDesc } from "../../src/codec/describe-service.js";
import { type MethodDefaults, MethodDefaultsSchema, method as methodOption } from "../../src/gen/godwit/options_pb.js";
import { DefaultsService } from "../gen/godwit/testing/v1/defaults_godwit.js";
import { DefaultsService as DefaultsDesc } from "../gen/godwit/testing/v1/defaults_pb.js";

/** A service with one method Do that has these options. */
function serviceWith(defaults: MethodDefaults) {
  const options: MethodOptions = create(MethodOptionsSchema);
  setExtension(options, methodOption, defaults);
  const empty = ".google.protobuf.Empty";
  const file = {
    name: "shop.proto",
    package: "shop.v1",
    syntax: "proto3",
    dependency: ["google/protobuf/empty.proto"],
    service: [{ name: "Shop", method: [{ name: "Do", inputType: empty, outputType: empty, options }] }],
  };
  const set = create(FileDescriptorSetSchema, { file: [file_google_protobuf_empty.proto, file] });
  const desc = createFileRegistry(set).getService("shop.v1.Shop");
  assert.ok(desc);
  return desc;
}

/** What is set, as JSON has it: a key without a value is no key. */
function defaultsOf(service: { readonly methods: readonly object[] }): unknown[] {
  return service.methods.map((method) => {
    const { timeoutMs, retry, hedging } = method as Record<string, unknown>;
    const withoutUnsafe = (key: string, value: unknown) => (key === "unsafe" && value === false ? undefined : value);
    const text = JSON.stringify({ timeoutMs, retry, hedging }, withoutUnsafe);
    return JSON.parse(text.replace('"maxExtraLoad":null', '"maxExtraLoad":"Infinity"'));
  });
}

const expected = [
  {},
  { timeoutMs: 40 },
  {
    retry: {
      maxAttempts: 3,
      initialBackoffMs: 1,
      maxBackoffMs: 20,
      backoffMultiplier: 1.5,
      retryableStatusCodes: [10, 14],
    },
  },
  { timeoutMs: 5000, hedging: { maxAttempts: 2, delayMs: 20, maxExtraLoad: "Infinity", nonFatalStatusCodes: [14] } },
  { retry: false },
];

describe("what a .proto says about calls of a method", () => {
  it("is in the descriptor of a stub", () => assert.deepEqual(defaultsOf(DefaultsService), expected));

  it("is in that of a service of protoc-gen-es alike", () =>
    assert.deepEqual(defaultsOf(serviceFromDesc(DefaultsDesc)), expected));

  it("may be a policy of defaults, and a percentile", () => {
    const retry = create(MethodDefaultsSchema, { attempts: { case: "retry", value: {} } });
    assert.deepEqual(defaultsOf(serviceFromDesc(serviceWith(retry))), [{ retry: {} }]);
    const value = { delay: { case: "delayPercentile", value: 0.5 }, unsafe: true } as const;
    const hedging = create(MethodDefaultsSchema, { attempts: { case: "hedging", value } });
    const [method] = serviceFromDesc(serviceWith(hedging)).methods;
    assert.deepEqual([method?.hedging?.delayPercentile, method?.hedging?.unsafe], [0.5, true]);
  });

  it("may be false where it means nothing", () => {
    const defaults = create(MethodDefaultsSchema, { attempts: { case: "atMostOnce", value: false } });
    assert.deepEqual(defaultsOf(serviceFromDesc(serviceWith(defaults))), [{}]);
  });

  it("is refused where the timeout is none", () => {
    for (const timeoutMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(
        () => serviceFromDesc(serviceWith(create(MethodDefaultsSchema, { timeoutMs }))),
        new TypeError(
          `option (godwit.method).timeout_ms of shop.v1.Shop.Do is ${timeoutMs}: expected a number of milliseconds above 0`,
        ),
      );
    }
  });
});
