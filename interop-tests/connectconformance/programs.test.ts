import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import {
  ClientCompatRequestSchema,
  type ClientCompatResponse,
  ClientCompatResponseSchema,
  type ClientResponseResult,
} from "../gen/connectrpc/conformance/v1/client_compat_pb.js";
import { Code, Codec, Compression, StreamType } from "../gen/connectrpc/conformance/v1/config_pb.js";
import {
  ServerCompatRequestSchema,
  ServerCompatResponseSchema,
} from "../gen/connectrpc/conformance/v1/server_compat_pb.js";
import {
  BidiStreamRequestSchema,
  ConformancePayload_RequestInfoSchema as RequestInfoSchema,
  UnaryRequestSchema,
} from "../gen/connectrpc/conformance/v1/service_pb.js";
import { selfSigned } from "../support/certificates.js";
import { encodeDelimited, readDelimited } from "./delimited.js";

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** The programs of the suite against each other, for those who have no Go: what they say, not whether it is right. */
describe("our programs for connectconformance", () => {
  const children: ChildProcess[] = [];
  let results: ReadonlyMap<string, ClientResponseResult>;

  const start = (name: string) => {
    const program = fileURLToPath(new URL(`programs/${name}.js`, import.meta.url));
    const child = spawn(process.execPath, [program, "gzip"], { stdio: ["pipe", "pipe", "inherit"] });
    children.push(child);
    return child;
  };

  before(async () => {
    const { certificate, key } = selfSigned({ dnsNames: ["localhost"], ipAddresses: ["127.0.0.1"] });
    const serverCreds = { cert: bytes(certificate), key: bytes(key) };
    const clientSelf = selfSigned({ usages: ["client"] });
    const clientTlsCreds = { cert: bytes(clientSelf.certificate), key: bytes(clientSelf.key) };
    const server = start("server");
    const wanted = create(ServerCompatRequestSchema, { useTls: true, serverCreds, clientTlsCert: clientTlsCreds.cert });
    server.stdin.write(encodeDelimited(ServerCompatRequestSchema, wanted));
    const { value: serving } = await readDelimited(server.stdout, ServerCompatResponseSchema).next();
    const { host, port, pemCert } = serving ?? assert.fail("the server has not started");
    const common = { host, port, serverTlsCert: pemCert, clientTlsCreds, codec: Codec.PROTO };
    const client = start("client");
    for (const call of calls) {
      const request = create(ClientCompatRequestSchema, { ...common, ...call });
      client.stdin.write(encodeDelimited(ClientCompatRequestSchema, request));
    }
    client.stdin.end();
    const responses: ClientCompatResponse[] = [];
    for await (const response of readDelimited(client.stdout, ClientCompatResponseSchema)) responses.push(response);
    results = new Map(responses.map(({ testName, result }) => [testName, resultOf(testName, result)]));
  });

  after(() =>
    Promise.all(
      children.map(async (child) => {
        if (child.exitCode !== null) return;
        const exited = once(child, "exit");
        child.kill();
        await exited;
      }),
    ),
  );

  const resultOf = (name: string, result: ClientCompatResponse["result"]): ClientResponseResult =>
    result.case === "response" ? result.value : assert.fail(`${name}: ${result.value?.message}`);

  const unary = (definition: MessageInitShape<typeof UnaryRequestSchema>["responseDefinition"]) => ({
    method: "Unary",
    streamType: StreamType.UNARY,
    requestMessages: [
      anyPack(UnaryRequestSchema, create(UnaryRequestSchema, definition && { responseDefinition: definition })),
    ],
  });
  const bidiRequest = create(BidiStreamRequestSchema, {
    fullDuplex: true,
    responseDefinition: { responseData: [bytes("a"), bytes("b"), bytes("c")] },
  });
  const calls: Exclude<MessageInitShape<typeof ClientCompatRequestSchema>, { $typeName: string }>[] = [
    {
      testName: "success",
      ...unary({
        responseHeaders: [{ name: "x-header", value: ["1", "2"] }],
        responseTrailers: [{ name: "x-trailer-bin", value: ["AAE"] }],
        response: { case: "responseData", value: bytes("data") },
      }),
      compression: Compression.GZIP,
      requestHeaders: [{ name: "x-asked", value: ["yes"] }],
    },
    {
      testName: "error",
      ...unary({ response: { case: "error", value: { code: Code.NOT_FOUND, message: "no ☺" } } }),
      timeoutMs: 60_000,
    },
    { testName: "cancelled", ...unary({ responseDelayMs: 60_000 }), cancel: {} },
    {
      testName: "full duplex",
      method: "BidiStream",
      streamType: StreamType.FULL_DUPLEX_BIDI_STREAM,
      requestMessages: [bidiRequest, create(BidiStreamRequestSchema)].map((message) =>
        anyPack(BidiStreamRequestSchema, message),
      ),
    },
  ];

  const result = (name: string): ClientResponseResult => results.get(name) ?? assert.fail(`there is no ${name}`);

  it("tell headers, data and trailers of a call that succeeds", () => {
    const { error, payloads, responseHeaders, responseTrailers } = result("success");
    assert.equal(error, undefined);
    assert.deepEqual(
      [...responseHeaders, ...responseTrailers].map(({ name, value }) => [name, value]),
      [
        ["x-header", ["1", "2"]],
        ["x-trailer-bin", ["AAE="]],
      ],
    );
    assert.equal(Buffer.from(payloads[0]?.data ?? []).toString(), "data");
    const asked = payloads[0]?.requestInfo?.requestHeaders.find(({ name }) => name === "x-asked");
    assert.deepEqual(asked?.value, ["yes"]);
  });

  it("tell code, message and details of one that fails", () => {
    const { error } = result("error");
    assert.deepEqual([error?.code, error?.message], [Code.NOT_FOUND, "no ☺"]);
    const detail = error?.details[0];
    const info = detail && anyUnpack(detail, RequestInfoSchema);
    assert.ok(info?.timeoutMs !== undefined && info.timeoutMs > 0n && info.timeoutMs <= 60_000n);
  });

  it("cancel", () => {
    assert.equal(result("cancelled").error?.code, Code.CANCELED);
  });

  it("take turns in full duplex, and say once what came with the call", () => {
    const { payloads } = result("full duplex");
    assert.deepEqual(
      payloads.map(({ data, requestInfo }) => [Buffer.from(data).toString(), requestInfo?.requests.length ?? 0]),
      [
        ["a", 1],
        ["b", 1],
        ["c", 0],
      ],
    );
  });
});
