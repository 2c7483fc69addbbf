import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { createServer, type Server, StatusCode, StatusError, tlsServer } from "godwit";
import { addReflection } from "godwit/reflection";
import { runCall } from "../../../src/cli/call/call.js";
import { CommandError, UsageError } from "../../../src/cli/command.js";
import { echoHandlers } from "../../e2e/loopback.js";
import { CodecService } from "../../gen/godwit/testing/codec/v1/codec_service_pb.js";
import { EnvelopeSchema } from "../../gen/godwit/testing/codec/v1/well_known_pb.js";
import { EchoService } from "../../gen/godwit/testing/v1/echo_godwit.js";
import {
  ErrorInfoSchema,
  file_google_rpc_error_details as errorDetails,
} from "../../gen/google/rpc/error_details_pb.js";
import { createAuthority } from "../../support/certificates.js";
import { FakeWorld } from "../fake-world.js";

const echo = "godwit.testing.v1.EchoService";

describe("godwit call", () => {
  let server: Server;
  let address: string;
  let world: FakeWorld;

  beforeEach(async () => {
    world = new FakeWorld();
    server = createServer({ onError: () => {} });
    server.add(EchoService, {
      ...echoHandlers,
      unary(request, context) {
        const said = context.metadata.get("x-say");
        if (said !== undefined) context.setHeaders({ "x-echo": String(said) });
        context.trailers.set("x-key-bin", Uint8Array.of(0, 1));
        if (request.id === "wait") return new Promise(() => {});
        if (request.id !== "none") return echoHandlers.unary(request, context);
        const value = { reason: "GONE", domain: "example.com" };
        throw new StatusError(StatusCode.NOT_FOUND, "no such thing", { details: [{ schema: ErrorInfoSchema, value }] });
      },
    });
    addReflection(server, { files: [errorDetails] });
    ({ address } = await server.listen("127.0.0.1:0"));
  });

  afterEach(() => server.close({ graceMs: 0 }));

  const run = (method: string, ...args: string[]) => runCall([address, `${echo}/${method}`, ...args], world, world);

  async function failure(promise: Promise<void>): Promise<[number, string]> {
    const error = await promise.then(
      () => assert.fail("it went well"),
      (reason: unknown) => reason,
    );
    if (error instanceof UsageError) return [2, error.message];
    assert.ok(error instanceof CommandError, String(error));
    return [error.exitCode, error.message];
  }

  it("calls by reflection, and tells trailers and how it went", async () => {
    await run("Unary", '{"id": "7", "payload": "aGk="}', "-H", "x-say: hello", "-v");
    assert.deepEqual(world.printed, ['{"id":"7","payload":"aGk="}']);
    assert.equal(world.complained[0], "header x-echo: hello");
    assert.equal(world.complained[1], "trailer x-key-bin: AAE=");
    assert.match(world.complained[2] ?? "", /^OK, 1 message in \d+ ms \(ipv4:127\.0\.0\.1:\d+\)$/);
  });

  it("sends an empty message where there is none, and indents on a terminal", async () => {
    world.isOutputTerminal = true;
    await run("Unary");
    await run("Unary", '{"id": "7"}');
    assert.deepEqual(world.printed, ["{}", '{\n  "id": "7"\n}']);
  });

  it("has all kinds of streams, from the command line and from standard input", async () => {
    await run("ServerStream", '{"count": 2, "size": 3}');
    assert.deepEqual(world.printed.splice(0), ['{"payload":"AAAA"}', '{"index":1,"payload":"AAAA"}']);
    await run("ClientStream", '{"payload": "AAAA"}', '{"payload": "AA=="} {}');
    assert.deepEqual(world.printed.splice(0), ['{"messages":3,"bytes":"4"}']);
    world.input = ['{"index": 1}{"ind', Buffer.from('ex": 2}\n{"index"'), ": 3}"];
    await run("Bidi", "-");
    assert.deepEqual(world.printed, ['{"index":1}', '{"index":2}', '{"index":3}']);
    await run("ClientStream");
    assert.equal(world.printed.at(-1), "{}");
  });

  it("ends with the number of the status, and tells its details", async () => {
    const [code, message] = await failure(run("Unary", '{"id": "none"}'));
    assert.equal(code, 5);
    assert.match(message, /^NOT_FOUND: no such thing \(\/godwit\.testing\.v1\.EchoService\/Unary, ipv4:/);
    assert.deepEqual(world.complained, [
      "trailer x-key-bin: AAE=",
      'detail {"reason":"GONE","domain":"example.com","@type":"type.googleapis.com/google.rpc.ErrorInfo"}',
    ]);
  });

  it("says of a detail what it can where the server does not tell of its type", async () => {
    await using other = createServer();
    other.addPartial(EchoService, {
      unary() {
        const details = [{ schema: ErrorInfoSchema, value: { reason: "GONE" } }];
        throw new StatusError(StatusCode.ABORTED, "no", { details });
      },
    });
    addReflection(other);
    const { address: at } = await other.listen("127.0.0.1:0");
    assert.equal((await failure(runCall([at, `${echo}/Unary`], world, world)))[0], 10);
    const sentence = "type.googleapis.com/google.rpc.ErrorInfo (6 bytes, of a type that the server does not tell of)";
    assert.deepEqual(world.complained, [`detail ${sentence}`]);
  });

  it("keeps deadlines, and gives up when it is interrupted", async () => {
    const [code, message] = await failure(run("Unary", '{"id": "wait"}', "-t", "200ms"));
    assert.equal(code, 4);
    assert.match(message, /^DEADLINE_EXCEEDED: /);
    const running = failure(run("ServerStream", '{"count": 1000000}'));
    const print = world.print.bind(world);
    world.print = (text) => {
      print(text);
      world.interrupt?.();
    };
    assert.equal((await running)[0], 1);
    assert.equal(world.interrupt, undefined);
  });

  it("says what is wrong with a message, and ends the call for it", async () => {
    const [code, message] = await failure(run("Unary", '{"idd": 1}'));
    assert.equal(code, 1);
    assert.match(message, /^message 1 is no godwit\.testing\.v1\.UnaryRequest: .*"idd" is unknown$/);
    assert.match(
      (await failure(run("Bidi", '{"index": 1}', "{")))[1],
      /^message 2 is no godwit\.testing\.v1\.BidiRequest: /,
    );
    assert.deepEqual(await failure(run("Unary", "{} {}")), [2, "Unary takes one message, and there are 2"]);
    world.input = [""];
    assert.deepEqual(await failure(run("Unary", "-")), [2, "Unary takes one message, and there are 0"]);
  });

  it("says what there is in place of what was asked for", async () => {
    assert.deepEqual(await failure(run("Nope")), [
      12,
      `${echo} has no method Nope; it has: Unary, ServerStream, ClientStream, Bidi`,
    ]);
    const [code, message] = await failure(runCall([address, "no.Service/M"], world, world));
    assert.deepEqual([code, message], [5, 'NOT_FOUND: the server does not know a service "no.Service"']);
    assert.equal((await failure(runCall([address], world, world)))[0], 2);
    assert.equal((await failure(runCall([address, "nothing"], world, world)))[0], 2);
    assert.equal((await failure(run("Bidi", "-", "{}")))[0], 2);
    await using silent = createServer().addPartial(EchoService, {});
    const { address: at } = await silent.listen("127.0.0.1:0");
    const [without, sentence] = await failure(runCall([at, `${echo}/Unary`], world, world));
    assert.equal(without, 12);
    assert.match(sentence, /^the server has no reflection, which tells what its messages are: UNIMPLEMENTED: /);
  });

  it("speaks TLS, and shows who it is", async () => {
    const authority = createAuthority();
    const { chain, key } = authority.issue({ ipAddresses: ["127.0.0.1"] });
    const client = authority.issue({ commonName: "me" });
    const credentials = tlsServer({ certificate: chain, key, clientRoots: authority.certificate });
    const { address: at } = await server.listen("127.0.0.1:0", { credentials });
    world.files.set("ca.pem", authority.certificate).set("me.pem", client.chain).set("me.key", client.key);
    const flags = ["--cacert", "ca.pem", "--cert", "me.pem", "--key", "me.key"];
    await runCall([at, `${echo}/Unary`, '{"id": "7"}', ...flags], world, world);
    assert.deepEqual(world.printed, ['{"id":"7"}']);
    assert.equal((await failure(runCall([at, `${echo}/Unary`, "--cacert", "ca.pem"], world, world)))[0], 14);
  });

  it("asks for the types of what is in a google.protobuf.Any when it meets them", async () => {
    await using other = createServer();
    const inner = anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "GONE" }));
    other.addPartial(CodecService, {
      echoEnvelope: (request) => create(EnvelopeSchema, { anys: { 1: request.anys[1] ?? inner } }),
    });
    addReflection(other, { files: [errorDetails] });
    const { address: at } = await other.listen("127.0.0.1:0");
    const method = `${CodecService.typeName}/EchoEnvelope`;
    const any = '{"reason":"GONE","@type":"type.googleapis.com/google.rpc.ErrorInfo"}';
    await runCall([at, method], world, world);
    await runCall([at, method, `{"anys": {"1": ${any}}}`], world, world);
    assert.deepEqual(world.printed, [`{"anys":{"1":${any}}}`, `{"anys":{"1":${any}}}`]);
  });

  it("tells how far a long transfer is, on a terminal that shows nothing else", async () => {
    world.isErrorTerminal = true;
    const print = world.print.bind(world);
    world.print = (text) => {
      print(text);
      world.time += 600;
      for (const fn of world.repeated) fn();
    };
    await run("ServerStream", '{"count": 3, "size": 524288}');
    assert.equal(world.painted.length, 3);
    assert.match(world.painted[0]?.replace("\r\u001b[K", "") ?? "", /^\d messages, \d\.\d MiB, \d\.\d MiB\/s$/);
    assert.equal(world.painted.at(-1), "\r\u001b[K");
    assert.equal(world.repeated.size, 0);
  });
});
