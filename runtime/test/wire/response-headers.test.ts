import assert from "node:assert/strict";
import { HeaderBlock } from "../../src/hpack/header-block.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import {
  createResponseHeaders,
  encodeResponse,
  type ParsedResponse,
  parseResponseHeaders,
} from "../../src/wire/response-headers.js";
import { encodeTrailersOnly } from "../../src/wire/trailers.js";

function parse(endStream: boolean, ...fields: string[]): ParsedResponse {
  return parseResponseHeaders(new HeaderBlock(fields), endStream);
}

function statusOf(parsed: ParsedResponse): [code: number, message: string] {
  assert.ok(parsed.kind !== "headers");
  return [parsed.status.code, parsed.status.message];
}

const grpc = [":status", "200", "content-type", "application/grpc"];

describe("wire/response-headers", () => {
  it("writes what all answers share", () => {
    assert.deepEqual(createResponseHeaders("proto", "identity", "").fields, grpc);
    assert.deepEqual(createResponseHeaders("json", "gzip", "gzip,deflate").fields, [
      ...[":status", "200", "content-type", "application/grpc+json"],
      ...["grpc-encoding", "gzip", "grpc-accept-encoding", "gzip,deflate"],
    ]);
  });

  it("adds metadata behind it, and gives the shared block itself without", () => {
    const shared = createResponseHeaders("proto", "identity", "gzip");
    assert.equal(encodeResponse(shared, new Metadata()), shared);
    const block = encodeResponse(shared, new Metadata({ "x-a": "1" }));
    assert.equal(block.prefix, shared);
    assert.deepEqual(block.fields, ["x-a", "1"]);
  });

  it("reads what our server writes", () => {
    const metadata = new Metadata({ "x-a": ["1", "2"], "x-bin": Uint8Array.of(7) });
    const parsed = parseResponseHeaders(
      encodeResponse(createResponseHeaders("proto", "gzip", "gzip"), metadata),
      false,
    );
    assert.ok(parsed.kind === "headers");
    assert.equal(parsed.encoding, "gzip");
    assert.deepEqual([...parsed.metadata], [...metadata]);
  });

  it("takes no grpc-encoding as identity, and content-type parameters", () => {
    const parsed = parse(false, ":status", "200", "content-type", "Application/GRPC+proto; x=y");
    assert.deepEqual(parsed, { kind: "headers", encoding: "identity", metadata: new Metadata() });
  });

  it("gives fresh metadata for a block that comes again", () => {
    const block = new HeaderBlock([...grpc, "grpc-encoding", "gzip"]);
    const first = parseResponseHeaders(block, false);
    assert.ok(first.kind === "headers");
    first.metadata.set("x", "1");
    const second = parseResponseHeaders(block, false);
    assert.deepEqual(second, { kind: "headers", encoding: "gzip", metadata: new Metadata() });
    assert.ok(second.kind === "headers");
    assert.equal(second.metadata.size, 0);
    assert.equal(parseResponseHeaders(block, true).kind, "status");
  });

  it("ignores a grpc-status that does not end the stream", () => {
    assert.equal(parse(false, ...grpc, "grpc-status", "5").kind, "headers");
  });

  it("reads Trailers-Only", () => {
    const status = { code: StatusCode.NOT_FOUND, message: "no item 100%", trailers: new Metadata({ a: "1" }) };
    const parsed = parseResponseHeaders(encodeTrailersOnly(status, "proto"), true);
    assert.equal(parsed.kind, "trailersOnly");
    assert.deepEqual(statusOf(parsed), [5, "no item 100%"]);
    assert.ok(parsed.kind === "trailersOnly");
    assert.equal(parsed.status.trailers?.get("a"), "1");
  });

  it("uses a grpc-status that was provided whatever :status and content-type say", () => {
    for (const fields of [
      [":status", "503"],
      [":status", "200", "content-type", "text/html"],
      [":status", "200"],
    ]) {
      const parsed = parse(true, ...fields, "grpc-status", "8", "grpc-message", "full");
      assert.equal(parsed.kind, "trailersOnly");
      assert.deepEqual(statusOf(parsed), [StatusCode.RESOURCE_EXHAUSTED, "full"]);
    }
  });

  const expected = "and no grpc-status, expected HTTP status 200 with application/grpc";
  const foreign: [fields: string[], code: number, message: string][] = [
    [
      [":status", "503", "content-type", "text/html"],
      StatusCode.UNAVAILABLE,
      `server answered HTTP status 503 (Service Unavailable) with content-type "text/html" ${expected}`,
    ],
    [
      [":status", "404", "content-type", "application/grpc"],
      StatusCode.UNIMPLEMENTED,
      `server answered HTTP status 404 (Not Found) with content-type "application/grpc" ${expected}`,
    ],
    [
      [":status", "200", "content-type", "text/html"],
      StatusCode.UNKNOWN,
      `server answered HTTP status 200 (OK) with content-type "text/html" ${expected}`,
    ],
    [[":status", "200"], StatusCode.UNKNOWN, `server answered HTTP status 200 (OK) with no content-type ${expected}`],
    [
      ["content-type", "application/grpc"],
      StatusCode.INTERNAL,
      ":status of the response is missing, expected three digits",
    ],
  ];
  for (const [fields, code, message] of foreign) {
    it(`says what came instead of gRPC: ${fields.join(" ")}`, () => {
      for (const endStream of [false, true]) {
        const parsed = parse(endStream, ...fields, "x-secret", "not shown");
        assert.equal(parsed.kind, "status");
        assert.deepEqual(statusOf(parsed), [code, message]);
        assert.ok(parsed.kind === "status");
        assert.equal(parsed.status.trailers, undefined);
      }
    });
  }

  it("takes an end without grpc-status as UNKNOWN, though the rest is right", () => {
    const parsed = parse(true, ...grpc);
    assert.deepEqual(statusOf(parsed)[0], StatusCode.UNKNOWN);
    assert.match(statusOf(parsed)[1], /and no grpc-status/);
  });

  it("takes malformed metadata as INTERNAL", () => {
    const parsed = parse(false, ...grpc, "x-bin", "*");
    assert.equal(parsed.kind, "status");
    assert.equal(statusOf(parsed)[0], StatusCode.INTERNAL);
    assert.match(statusOf(parsed)[1], /^metadata value of "x-bin" is not base64/);
  });
});
