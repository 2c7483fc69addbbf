import assert from "node:assert/strict";
import { create, createFileRegistry, type DescService } from "@bufbuild/protobuf";
import type { GenService } from "@bufbuild/protobuf/codegenv2";
import {
  EmptySchema,
  FileDescriptorSetSchema,
  file_google_protobuf_empty,
  file_google_protobuf_wrappers,
  MethodOptions_IdempotencyLevel,
  type StringValue,
  StringValueSchema,
} from "@bufbuild/protobuf/wkt";
import { defineService, type MethodDefinition, type MethodDefinitions } from "../../src/codec/define-service.js";
import { type GenServiceClient, type GenServiceHandlers, serviceFromDesc } from "../../src/codec/describe-service.js";
import { createProtobufEsCodec } from "../../src/codec/protobuf-es-codec.js";
import type { CallOptions } from "../../src/rpc/call-options.js";
import type { HandlerContext } from "../../src/rpc/handler-context.js";
import type { MessageSource, ServerStream } from "../../src/rpc/message-source.js";

interface MethodSketch {
  readonly name: string;
  readonly clientStreaming?: boolean;
  readonly serverStreaming?: boolean;
  readonly idempotencyLevel?: MethodOptions_IdempotencyLevel;
}

/** A service whose methods all take google.protobuf.Empty and give google.protobuf.StringValue. */
function describeService(name: string, methods: readonly MethodSketch[]): DescService {
  const method = methods.map(({ idempotencyLevel, ...sketch }) => ({
    ...sketch,
    inputType: ".google.protobuf.Empty",
    outputType: ".google.protobuf.StringValue",
    ...(idempotencyLevel === undefined ? {} : { options: { idempotencyLevel } }),
  }));
  const file = {
    name: "shop.proto",
    package: "shop.v1",
    syntax: "proto3",
    dependency: ["google/protobuf/empty.proto", "google/protobuf/wrappers.proto"],
    service: [{ name, method }],
  };
  const dependencies = [file_google_protobuf_empty.proto, file_google_protobuf_wrappers.proto];
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...dependencies, file] }));
  const desc = registry.getService(`shop.v1.${name}`);
  assert.ok(desc);
  return desc;
}

const get: MethodDefinition = {
  path: "/shop.v1.Shop/Get",
  name: "Get",
  kind: "unary",
  idempotency: "NO_SIDE_EFFECTS",
  request: EmptySchema,
  response: StringValueSchema,
};

interface Client {
  get(request: object): Promise<unknown>;
}

const { NO_SIDE_EFFECTS, IDEMPOTENT } = MethodOptions_IdempotencyLevel;

describe("defineService", () => {
  const desc = describeService("Shop", [{ name: "Get", idempotencyLevel: NO_SIDE_EFFECTS }]);

  it("makes a descriptor of each method as it was written out", () => {
    const service = defineService<Client, Client>(desc, { get });
    assert.equal(service.typeName, "shop.v1.Shop");
    assert.equal(service.desc, desc);
    assert.deepEqual(service.methods, [
      {
        path: "/shop.v1.Shop/Get",
        service: "shop.v1.Shop",
        name: "Get",
        localName: "get",
        kind: "unary",
        idempotency: "NO_SIDE_EFFECTS",
        timeoutMs: undefined,
        retry: undefined,
        hedging: undefined,
        requestCodec: createProtobufEsCodec(EmptySchema),
        responseCodec: createProtobufEsCodec(StringValueSchema),
        desc: desc.methods[0],
      },
    ]);
  });

  it("binds the codecs of the schemas", () => {
    const [method] = defineService<Client, Client>(desc, { get }).methods;
    assert.equal(method?.requestCodec, createProtobufEsCodec(EmptySchema));
    assert.equal(method?.responseCodec, createProtobufEsCodec(StringValueSchema));
  });

  it("calls a method as its key says, whatever the .proto calls it", () => {
    const then = describeService("Shop", [{ name: "Then" }, { name: "__proto__" }]);
    const service = defineService<unknown, unknown>(then, {
      then$: { ...get, name: "Then", idempotency: "IDEMPOTENCY_UNKNOWN" },
      __proto__$: { ...get, name: "__proto__", idempotency: "IDEMPOTENCY_UNKNOWN" },
    } as MethodDefinitions<unknown, unknown>);
    assert.deepEqual(
      service.methods.map((method) => [method.localName, method.desc.name]),
      [
        ["then$", "Then"],
        ["__proto__$", "__proto__"],
      ],
    );
  });

  it("takes a service without methods", () => {
    assert.deepEqual(defineService<object, object>(describeService("Shop", []), {}).methods, []);
  });

  it("gives what nobody can change", () => {
    const service = defineService<Client, Client>(desc, { get });
    assert.throws(() => Object.assign(service, { typeName: "other" }), TypeError);
    assert.throws(() => Object.assign(service.methods, { 0: undefined }), TypeError);
    assert.throws(() => Object.assign(service.methods[0] ?? {}, { path: "/other" }), TypeError);
  });

  const cure = ": generate with protoc-gen-es and protoc-gen-godwit from the same .proto";
  const stale: readonly [what: string, definition: MethodDefinition, message: string][] = [
    ["a method that is gone", { ...get, name: "Fetch" }, "has no method Fetch in its descriptor"],
    [
      "another kind",
      { ...get, kind: "server_streaming" },
      "has method Get as server_streaming (google.protobuf.Empty) returns (google.protobuf.StringValue) in the stub and as unary (google.protobuf.Empty) returns (google.protobuf.StringValue) in its descriptor",
    ],
    [
      "another request",
      { ...get, request: StringValueSchema },
      "has method Get as unary (google.protobuf.StringValue) returns (google.protobuf.StringValue) in the stub and as unary (google.protobuf.Empty) returns (google.protobuf.StringValue) in its descriptor",
    ],
    [
      "another response",
      { ...get, response: EmptySchema },
      "has method Get as unary (google.protobuf.Empty) returns (google.protobuf.Empty) in the stub and as unary (google.protobuf.Empty) returns (google.protobuf.StringValue) in its descriptor",
    ],
  ];
  for (const [what, definition, message] of stale) {
    it(`tells a stub that is older or newer than the messages: ${what}`, () => {
      assert.throws(() => defineService<Client, Client>(desc, { get: definition }), {
        name: "TypeError",
        message: `service shop.v1.Shop ${message}${cure}`,
      });
    });
  }

  it("tells a stub that is older or newer than the messages: another number of methods", () => {
    const two = describeService("Shop", [{ name: "Get" }, { name: "List" }]);
    assert.throws(() => defineService<Client, Client>(two, { get }), {
      name: "TypeError",
      message: `service shop.v1.Shop has 1 methods in the stub and 2 in its descriptor${cure}`,
    });
  });
});

describe("serviceFromDesc", () => {
  const desc = describeService("Shop", [
    { name: "Get", idempotencyLevel: NO_SIDE_EFFECTS },
    { name: "List", serverStreaming: true },
    { name: "Upload", clientStreaming: true, idempotencyLevel: IDEMPOTENT },
    { name: "Chat", clientStreaming: true, serverStreaming: true },
    { name: "Then", idempotencyLevel: 99 as MethodOptions_IdempotencyLevel },
    { name: "__proto__" },
    { name: "Constructor" },
  ]) as GenShop & DescService;

  it("reads path, kind and idempotency from the descriptor", () => {
    const service = serviceFromDesc(desc);
    assert.equal(service.typeName, "shop.v1.Shop");
    assert.equal(service.desc, desc);
    assert.deepEqual(
      service.methods.map(({ localName, path, kind, idempotency }) => [localName, path, kind, idempotency]),
      [
        ["get", "/shop.v1.Shop/Get", "unary", "NO_SIDE_EFFECTS"],
        ["list", "/shop.v1.Shop/List", "server_streaming", "IDEMPOTENCY_UNKNOWN"],
        ["upload", "/shop.v1.Shop/Upload", "client_streaming", "IDEMPOTENT"],
        ["chat", "/shop.v1.Shop/Chat", "bidi_streaming", "IDEMPOTENCY_UNKNOWN"],
        ["then$", "/shop.v1.Shop/Then", "unary", "IDEMPOTENCY_UNKNOWN"],
        ["__proto__$", "/shop.v1.Shop/__proto__", "unary", "IDEMPOTENCY_UNKNOWN"],
        ["constructor$", "/shop.v1.Shop/Constructor", "unary", "IDEMPOTENCY_UNKNOWN"],
      ],
    );
  });

  it("makes the same descriptor of a method as a stub does", () => {
    const one = describeService("Shop", [{ name: "Get", idempotencyLevel: NO_SIDE_EFFECTS }]);
    assert.deepEqual(serviceFromDesc(one), defineService<Client, Client>(one, { get }));
  });

  it("gives one Service for a descriptor, however often it is asked", () => {
    assert.equal(serviceFromDesc(desc), serviceFromDesc(desc));
  });

  it("refuses two methods that the client could not tell apart", () => {
    const clash = describeService("Shop", [{ name: "GetFoo" }, { name: "getFoo" }]);
    assert.throws(() => serviceFromDesc(clash), {
      name: "TypeError",
      message: "methods GetFoo and getFoo of service shop.v1.Shop would both be called getFoo: rename one of them",
    });
  });

  it("has the types of a stub", () => {
    const client: ShopClient = {} as GenServiceClient<GenShop>;
    const handlers: ShopHandlers = {} as GenServiceHandlers<GenShop>;
    const back: [GenServiceClient<GenShop>, GenServiceHandlers<GenShop>] = [client, handlers];
    const service = serviceFromDesc<GenShop>(desc);
    const typed: ShopClient | undefined = service["~client"];
    assert.deepEqual([back, typed], [[{}, {}], undefined]);
  });
});

/** As protoc-gen-es writes a service. */
type GenShop = GenService<{
  get: { methodKind: "unary"; input: typeof EmptySchema; output: typeof StringValueSchema };
  list: { methodKind: "server_streaming"; input: typeof EmptySchema; output: typeof StringValueSchema };
  upload: { methodKind: "client_streaming"; input: typeof StringValueSchema; output: typeof StringValueSchema };
  chat: { methodKind: "bidi_streaming"; input: typeof StringValueSchema; output: typeof StringValueSchema };
  then: { methodKind: "unary"; input: typeof EmptySchema; output: typeof StringValueSchema };
}>;

type StringInit = StringValue | { value?: string };

/** As protoc-gen-godwit writes its interfaces. */
interface ShopClient {
  get(request: object, options?: CallOptions): Promise<StringValue>;
  list(request: object, options?: CallOptions): ServerStream<StringValue>;
  upload(requests: MessageSource<StringInit>, options?: CallOptions): Promise<StringValue>;
  chat(requests: MessageSource<StringInit>, options?: CallOptions): ServerStream<StringValue>;
  then$(request: object, options?: CallOptions): Promise<StringValue>;
}

interface ShopHandlers {
  get(request: object, context: HandlerContext): Promise<StringInit> | StringInit;
  list(request: object, context: HandlerContext): MessageSource<StringInit>;
  upload(requests: AsyncIterable<StringValue>, context: HandlerContext): Promise<StringInit> | StringInit;
  chat(requests: AsyncIterable<StringValue>, context: HandlerContext): MessageSource<StringInit>;
  then$(request: object, context: HandlerContext): Promise<StringInit> | StringInit;
}
