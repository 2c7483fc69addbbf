import assert from "node:assert/strict";
import { create, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { createClient, createServer, type Server, StatusCode } from "godwit";
import {
  addReflection,
  createRemoteSchema,
  Reflection,
  type ReflectionHandlers,
  ReflectionV1Alpha,
  type ReflectionV1AlphaHandlers,
} from "godwit/reflection";
import { failureOf } from "../../e2e/loopback.js";
import { CodecService } from "../../gen/godwit/testing/codec/v1/codec_service_pb.js";
import { DefaultsService } from "../../gen/godwit/testing/v1/defaults_godwit.js";
import { file_google_rpc_error_details as errorDetails } from "../../gen/google/rpc/error_details_pb.js";

const codec = "godwit.testing.codec.v1";
const subject = (): Server => createServer().addPartial(CodecService, {}).addPartial(DefaultsService, {});

type Handler = ReflectionHandlers["serverReflectionInfo"];
type Answer = NonNullable<Awaited<ReturnType<Handler>> extends AsyncIterable<infer M> | Iterable<infer M> ? M : never>;
type Answering = (question: {
  readonly case?: string | undefined;
  readonly value?: unknown;
}) => Answer["messageResponse"];

/** A server whose reflection answers so. */
function answering(answer: Answering): Server {
  const serverReflectionInfo: Handler = async function* (requests) {
    for await (const { messageRequest } of requests) {
      const messageResponse = answer(messageRequest);
      if (messageResponse !== undefined) yield { messageResponse };
    }
  };
  return createServer().add(Reflection, { serverReflectionInfo });
}

const filesAnswer = (...files: Uint8Array[]) =>
  ({ case: "fileDescriptorResponse", value: { fileDescriptorProto: files } }) as const;

const nothing = { case: "errorResponse", value: { errorCode: 5, errorMessage: "no" } } as const;

/** A file that declares service t.S, and imports these. */
const root = (...dependency: string[]): Uint8Array =>
  toBinary(
    FileDescriptorProtoSchema,
    create(FileDescriptorProtoSchema, {
      name: "t.proto",
      package: "t",
      syntax: "proto3",
      dependency,
      service: [{ name: "S" }],
    }),
  );

describe("the schema of a server", () => {
  it("has its services and all that they need, in one answer or in many", async () => {
    await using server = addReflection(subject());
    const schema = createRemoteSchema(server.inProcess());
    assert.ok((await schema.services()).includes(`${codec}.CodecService`));
    const service = await schema.service(`${codec}.CodecService`);
    assert.deepEqual(
      service.methods.map(({ name, input }) => [name, input.typeName]),
      CodecService.methods.map(({ name, input }) => [name, input.typeName]),
    );
    assert.equal(schema.registry.getExtension(`${codec}.extended_number`)?.number, 100);

    const byName = new Map<string, Uint8Array>();
    const add = (file: typeof CodecService.file): void => {
      byName.set(file.proto.name, toBinary(FileDescriptorProtoSchema, file.proto));
      file.dependencies.forEach(add);
    };
    add(CodecService.file);
    await using sparing = answering(({ case: kind, value }) => {
      const name = kind === "fileByFilename" ? String(value) : CodecService.file.proto.name;
      const bytes = byName.get(name);
      // Everybody has these: some servers do not tell of them.
      return bytes === undefined || name.startsWith("google/protobuf/") ? nothing : filesAnswer(bytes);
    });
    const found = await createRemoteSchema(sparing.inProcess()).service(`${codec}.CodecService`);
    assert.deepEqual(
      found.methods.map(({ output }) => output.fields.length),
      CodecService.methods.map(({ output }) => output.fields.length),
    );
  });

  it("is asked for in v1alpha where there is no v1", async () => {
    await using newer = addReflection(subject());
    const door = newer.inProcess();
    await using server = createServer();
    const serverReflectionInfo: ReflectionV1AlphaHandlers["serverReflectionInfo"] = (requests) => {
      return createClient(ReflectionV1Alpha, door).serverReflectionInfo(requests);
    };
    server.add(ReflectionV1Alpha, { serverReflectionInfo });
    const schema = createRemoteSchema(server.inProcess());
    assert.equal((await schema.service(DefaultsService.typeName)).methods.length, 5);
    assert.ok((await schema.services()).includes(DefaultsService.typeName));
  });

  it("grows by what is loaded", async () => {
    await using server = addReflection(subject(), { files: [errorDetails] });
    const schema = createRemoteSchema(server.inProcess());
    await schema.service(DefaultsService.typeName);
    assert.equal(schema.registry.getMessage("google.rpc.ErrorInfo"), undefined);
    assert.equal(await schema.load("google.rpc.ErrorInfo"), true);
    assert.equal(schema.registry.getMessage("google.rpc.ErrorInfo")?.fields.length, 3);
    assert.equal(await schema.load("no.such.Thing"), false);
  });

  it("is not to be had without reflection, or of a service that there is not", async () => {
    await using without = subject();
    await failureOf(createRemoteSchema(without.inProcess()).services(), StatusCode.UNIMPLEMENTED);
    await using server = addReflection(subject());
    const schema = createRemoteSchema(server.inProcess());
    const unknown = await failureOf(schema.service("no.Service"), StatusCode.NOT_FOUND);
    assert.equal(unknown.statusMessage, 'the server does not know a service "no.Service"');
    // A message.
    await failureOf(schema.service(`${codec}.Legacy`), StatusCode.NOT_FOUND);
  });

  it("is refused where its answers make no sense, with a sentence", async () => {
    const cases: readonly [Answering, string][] = [
      [() => undefined, "0 answers to 1 questions"],
      [() => ({ case: "listServicesResponse", value: {} }), "listServicesResponse, expected a file"],
      [() => filesAnswer(Uint8Array.of(0xff)), "a file that is no FileDescriptorProto"],
      [
        ({ case: kind }) => (kind === "fileByFilename" ? nothing : filesAnswer(root("no.proto"))),
        'an import of "no.proto", which it does not know',
      ],
      [() => filesAnswer(root("t.proto")), "files that do not fit together"],
    ];
    for (const [answer, what] of cases) {
      await using server = answering(answer);
      const error = await failureOf(createRemoteSchema(server.inProcess()).service("t.S"), StatusCode.INTERNAL);
      assert.ok(error.statusMessage.startsWith(`the server's reflection gave ${what}`), error.statusMessage);
    }
  });

  it("does not grow without an end", async () => {
    let count = 0;
    await using server = answering(({ case: kind }) => {
      if (kind !== "fileByFilename") return filesAnswer(root("1.proto"));
      const files = Array.from({ length: 1000 }, () => {
        count++;
        const file = { name: `${count}.proto`, dependency: [`${count + 1}.proto`] };
        return toBinary(FileDescriptorProtoSchema, create(FileDescriptorProtoSchema, file));
      });
      return filesAnswer(...files);
    });
    const error = await failureOf(createRemoteSchema(server.inProcess()).service("t.S"), StatusCode.INTERNAL);
    assert.equal(error.statusMessage, "the server's reflection gave more than 10000 files");
  });

  it("passes on the error that the server gave", async () => {
    await using server = answering(() => ({
      case: "errorResponse",
      value: { errorCode: 7, errorMessage: "not for you" },
    }));
    const error = await failureOf(createRemoteSchema(server.inProcess()).services(), StatusCode.PERMISSION_DENIED);
    assert.equal(error.statusMessage, "not for you");
  });
});
