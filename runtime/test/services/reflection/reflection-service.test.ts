import assert from "node:assert/strict";
import { createFileRegistry, type DescService, fromBinary, getOption } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { createChannel, createClient, createServer, insecure, type Server, StatusCode } from "godwit";
import {
  addReflection,
  Reflection,
  type ReflectionClient,
  type ReflectionOptions,
  ReflectionV1Alpha,
  type ReflectionV1AlphaClient,
} from "godwit/reflection";
import { echoHandlers, failureOf } from "../../e2e/loopback.js";
import { method as methodOption } from "../../gen/godwit/options_pb.js";
import { CodecService } from "../../gen/godwit/testing/codec/v1/codec_service_pb.js";
import { DefaultsService } from "../../gen/godwit/testing/v1/defaults_godwit.js";
import { DefaultsService as DefaultsDesc } from "../../gen/godwit/testing/v1/defaults_pb.js";
import { EchoService } from "../../gen/godwit/testing/v1/echo_godwit.js";
import { file_google_rpc_error_details as errorDetails } from "../../gen/google/rpc/error_details_pb.js";

type Client = ReflectionClient | ReflectionV1AlphaClient;
type Answers = AsyncIterable<{
  readonly messageResponse: { readonly case?: string | undefined; readonly value?: unknown };
}>;
interface Answer {
  readonly case?: string;
  readonly value: unknown;
}
type Question =
  | {
      readonly case: "listServices" | "fileByFilename" | "fileContainingSymbol" | "allExtensionNumbersOfType";
      readonly value: string;
    }
  | { readonly case: "fileContainingExtension"; readonly value: { containingType: string; extensionNumber: number } };

const codec = "godwit.testing.codec.v1";
const symbol = (value: string): Question => ({ case: "fileContainingSymbol", value });
const file = (value: string): Question => ({ case: "fileByFilename", value });
const list: Question = { case: "listServices", value: "*" };
const extension = (containingType: string, extensionNumber: number): Question => ({
  case: "fileContainingExtension",
  value: { containingType, extensionNumber },
});

/** One stream with these questions; the cases and values of its answers. */
async function ask(client: Client, ...questions: readonly Question[]): Promise<Answer[]> {
  const requests = questions.map((messageRequest) => ({ messageRequest }));
  const answers: Answer[] = [];
  const stream: Answers = client.serverReflectionInfo(requests);
  for await (const { messageResponse } of stream) answers.push({ ...messageResponse } as Answer);
  return answers;
}

/** The files of an answer. */
function filesOf({ case: kind, value }: Answer): FileDescriptorProto[] {
  assert.equal(kind, "fileDescriptorResponse");
  const { fileDescriptorProto } = value as { fileDescriptorProto: Uint8Array[] };
  return fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
}

const namesOf = (answer: Answer): string[] => filesOf(answer).map(({ name }) => name);

function errorOf({ case: kind, value }: Answer): [number, string] {
  assert.equal(kind, "errorResponse");
  const { errorCode, errorMessage } = value as { errorCode: number; errorMessage: string };
  return [errorCode, errorMessage];
}

function numbersOf({ case: kind, value }: Answer): { baseTypeName: string; extensionNumber: number[] } {
  assert.equal(kind, "allExtensionNumbersResponse");
  return value as { baseTypeName: string; extensionNumber: number[] };
}

function servicesOf({ case: kind, value }: Answer): string[] {
  assert.equal(kind, "listServicesResponse");
  return (value as { service: { name: string }[] }).service.map(({ name }) => name);
}

const reflections = ["grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

for (const version of ["v1", "v1alpha"] as const) {
  describe(`server reflection ${version}`, () => {
    let server: Server;
    let client: Client;

    const open = (options?: ReflectionOptions): void => {
      server = addReflection(createServer().addPartial(CodecService, {}).addPartial(DefaultsService, {}), options);
      const door = server.inProcess();
      client = version === "v1" ? createClient(Reflection, door) : createClient(ReflectionV1Alpha, door);
    };

    beforeEach(() => open());
    afterEach(() => server.close({ graceMs: 0 }));

    it("lists the services, sorted, itself among them, and one that is added later", async () => {
      const expected = [`${codec}.CodecService`, DefaultsService.typeName, ...reflections];
      const [before] = await ask(client, list);
      assert.deepEqual(servicesOf(before ?? assert.fail()), expected);
      server.add(EchoService, echoHandlers);
      const [after, found] = await ask(client, list, symbol(`${EchoService.typeName}.Unary`));
      assert.deepEqual(servicesOf(after ?? assert.fail()), [...expected, EchoService.typeName].sort());
      assert.deepEqual(namesOf(found ?? assert.fail()), ["godwit/testing/v1/echo.proto"]);
    });

    it("finds a file by its name, with what it imports", async () => {
      const [answer] = await ask(client, file("godwit/testing/v1/defaults.proto"));
      assert.deepEqual(namesOf(answer ?? assert.fail()), [
        "godwit/testing/v1/defaults.proto",
        "godwit/options.proto",
        "google/protobuf/descriptor.proto",
      ]);
    });

    it("finds the file of everything that has a name", async () => {
      const expected: Record<string, string> = {
        [`${codec}.CodecService`]: "codec_service",
        [`${codec}.CodecService.EchoScalars`]: "codec_service",
        [`${codec}.Legacy`]: "proto2",
        [`${codec}.Legacy.map_weights`]: "proto2",
        [`${codec}.Legacy.choice`]: "proto2",
        [`${codec}.Legacy.Group`]: "proto2",
        [`${codec}.Legacy.Group.Inner`]: "proto2",
        [`${codec}.Legacy.MapWeightsEntry`]: "proto2",
        [`${codec}.extended_number`]: "proto2",
        [`${codec}.Size`]: "proto2",
        [`${codec}.Color`]: "proto3",
      };
      const answers = await ask(client, ...Object.keys(expected).map(symbol));
      const found = answers.map((answer) => namesOf(answer)[0]);
      assert.deepEqual(
        found,
        Object.values(expected).map((name) => `godwit/testing/codec/v1/${name}.proto`),
      );
    });

    it("finds an enum's value beside its enum, and not below it", async () => {
      const proto = (await ask(client, symbol(`${codec}.Color`))).flatMap(filesOf)[0];
      const value = proto?.enumType.find(({ name }) => name === "Color")?.value[0]?.name;
      const [beside, below] = await ask(client, symbol(`${codec}.${value}`), symbol(`${codec}.Color.${value}`));
      assert.equal(namesOf(beside ?? assert.fail())[0], "godwit/testing/codec/v1/proto3.proto");
      assert.deepEqual(errorOf(below ?? assert.fail()), [5, `there is no symbol "${codec}.Color.${value}"`]);
    });

    it("finds extensions by the message that they extend, and tells their numbers", async () => {
      const numbers: Question = { case: "allExtensionNumbersOfType", value: `${codec}.Legacy` };
      const [found, all] = await ask(client, extension(`${codec}.Legacy`, 102), numbers);
      assert.equal(namesOf(found ?? assert.fail())[0], "godwit/testing/codec/v1/proto2.proto");
      const { baseTypeName, extensionNumber } = numbersOf(all ?? assert.fail());
      assert.equal(baseTypeName, `${codec}.Legacy`);
      assert.deepEqual(extensionNumber.slice(0, 5), [100, 101, 102, 103, 104]);
    });

    it("tells that a message has no extensions, and of none that is no message", async () => {
      const numbers = (value: string): Question => ({ case: "allExtensionNumbersOfType", value });
      const [none, service] = await ask(client, numbers(`${codec}.Scalars`), numbers(`${codec}.CodecService`));
      assert.deepEqual(numbersOf(none ?? assert.fail()).extensionNumber, []);
      assert.deepEqual(errorOf(service ?? assert.fail()), [5, `there is no message "${codec}.CodecService"`]);
    });

    it("sends an import once a stream, and what was asked for whenever it is asked for", async () => {
      const name = "godwit/testing/v1/defaults.proto";
      const [first, again, imported, byName] = await ask(
        client,
        file(name),
        file(name),
        symbol("godwit.MethodDefaults"),
        file("google/protobuf/descriptor.proto"),
      );
      assert.equal(filesOf(first ?? assert.fail()).length, 3);
      assert.deepEqual(namesOf(again ?? assert.fail()), [name]);
      assert.deepEqual(namesOf(imported ?? assert.fail()), ["godwit/options.proto"]);
      assert.deepEqual(namesOf(byName ?? assert.fail()), ["google/protobuf/descriptor.proto"]);
      const [another] = await ask(client, file(name));
      assert.equal(filesOf(another ?? assert.fail()).length, 3, "another stream begins anew");
    });

    it("goes on after a question without an answer", async () => {
      const answers = await ask(
        client,
        file("no.proto"),
        symbol("no.Symbol"),
        symbol("__proto__"),
        extension(`${codec}.Legacy`, 99),
        extension("constructor", 1),
        symbol("x".repeat(1000)),
        list,
      );
      assert.deepEqual(answers.slice(0, 6).map(errorOf), [
        [StatusCode.NOT_FOUND, 'there is no file "no.proto"'],
        [StatusCode.NOT_FOUND, 'there is no symbol "no.Symbol"'],
        [StatusCode.NOT_FOUND, 'there is no symbol "__proto__"'],
        [StatusCode.NOT_FOUND, `there is no extension 99 of "${codec}.Legacy"`],
        [StatusCode.NOT_FOUND, 'there is no extension 1 of "constructor"'],
        [StatusCode.NOT_FOUND, `there is no symbol "${"x".repeat(200)}…"`],
      ]);
      assert.equal(answers[6]?.case, "listServicesResponse");
    });

    it("ends the stream for a request that asks for nothing", async () => {
      const read = async (): Promise<void> => {
        const stream: Answers = client.serverReflectionInfo([{}]);
        for await (const _ of stream) assert.fail("nothing was asked for");
      };
      const error = await failureOf(read(), StatusCode.INVALID_ARGUMENT);
      assert.equal(error.statusMessage, "the request asks for nothing: message_request is not set");
    });

    it("tells of chosen services alone, and of files beside them", async () => {
      await server.close({ graceMs: 0 });
      open({ services: [DefaultsService, "no.such.Service"], files: [errorDetails] });
      const [services, hidden, beside] = await ask(
        client,
        list,
        symbol(`${codec}.CodecService`),
        symbol("google.rpc.ErrorInfo"),
      );
      assert.deepEqual(servicesOf(services ?? assert.fail()), [DefaultsService.typeName]);
      assert.equal(errorOf(hidden ?? assert.fail())[0], StatusCode.NOT_FOUND);
      assert.equal(namesOf(beside ?? assert.fail())[0], "google/rpc/error_details.proto");
    });

    it("sends descriptors whole: all symbols link, and options are as they were", async () => {
      const answers = await ask(client, symbol(`${codec}.CodecService`), symbol(DefaultsService.typeName));
      const files = new Map(answers.flatMap(filesOf).map((each) => [each.name, each]));
      const link = (service: DescService): DescService => {
        const root = files.get(service.file.proto.name) ?? assert.fail();
        return createFileRegistry(root, (name) => files.get(name)).getService(service.typeName) ?? assert.fail();
      };
      const optionsOf = ({ methods }: DescService) => methods.map((each) => getOption(each, methodOption));
      assert.deepEqual(optionsOf(link(DefaultsDesc)), optionsOf(DefaultsDesc));
      const dependenciesOf = ({ file: { dependencies } }: DescService) => dependencies.map(({ name }) => name);
      assert.deepEqual(dependenciesOf(link(CodecService)), dependenciesOf(CodecService));
    });
  });
}

describe("server reflection", () => {
  it("repeats host and request, over a socket", async () => {
    await using server = addReflection(createServer());
    const { address } = await server.listen("127.0.0.1:0");
    await using channel = createChannel(address, { credentials: insecure() });
    const request = { host: "shop.test", messageRequest: { case: "listServices", value: "all" } } as const;
    const answers = [];
    for await (const answer of createClient(Reflection, channel).serverReflectionInfo([request])) answers.push(answer);
    assert.equal(answers.length, 1);
    assert.equal(answers[0]?.validHost, "shop.test");
    assert.equal(answers[0]?.originalRequest?.host, "shop.test");
    assert.deepEqual(answers[0]?.originalRequest?.messageRequest, request.messageRequest);
    const { messageResponse } = answers[0] ?? assert.fail();
    assert.deepEqual(servicesOf(messageResponse as { case: string; value: unknown }), reflections);
  });
});
