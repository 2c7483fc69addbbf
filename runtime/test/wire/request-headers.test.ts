import assert from "node:assert/strict";
import { flatFields } from "../../src/hpack/header-block.js";
import { Metadata } from "../../src/rpc/metadata.js";
import {
  createRequestPrefix,
  encodeRequest,
  type RequestPrefix,
  type RequestTail,
} from "../../src/wire/request-headers.js";

const call: RequestPrefix = {
  path: "/shop.v1.Shop/Get",
  scheme: "http",
  authority: "shop.internal:443",
  userAgent: "grpc-node-godwit/0.1.0",
  contentSubtype: "proto",
  acceptEncoding: "gzip",
};
const plain: RequestTail = {
  remainingMs: Number.POSITIVE_INFINITY,
  metadata: new Metadata(),
  encoding: "identity",
  previousAttempts: 0,
};

describe("wire/request-headers", () => {
  it("puts pseudo-headers first and the call definition in the order of PROTOCOL-HTTP2", () => {
    assert.deepEqual(createRequestPrefix(call).fields, [
      ...[":method", "POST", ":scheme", "http", ":path", "/shop.v1.Shop/Get", ":authority", "shop.internal:443"],
      ...["te", "trailers", "content-type", "application/grpc", "grpc-accept-encoding", "gzip"],
      ...["user-agent", "grpc-node-godwit/0.1.0"],
    ]);
  });

  it("leaves an empty accept-encoding out and names the subtype", () => {
    const prefix = createRequestPrefix({ ...call, scheme: "https", acceptEncoding: "", contentSubtype: "json" });
    assert.equal(prefix.get("grpc-accept-encoding"), undefined);
    assert.equal(prefix.get("content-type"), "application/grpc+json");
    assert.equal(prefix.get(":scheme"), "https");
  });

  it("does not touch a :path", () => {
    const path = "/a//b%2f?x#y/Z";
    assert.equal(createRequestPrefix({ ...call, path }).get(":path"), path);
  });

  it("gives the prefix itself for a call that adds nothing", () => {
    const prefix = createRequestPrefix(call);
    assert.equal(encodeRequest(prefix, plain), prefix);
  });

  it("adds timeout, encoding, attempts and metadata behind the shared prefix", () => {
    const prefix = createRequestPrefix(call);
    const metadata = new Metadata({ "x-tenant": "blue", "trace-bin": Uint8Array.of(1) });
    const block = encodeRequest(prefix, { remainingMs: 1500, metadata, encoding: "gzip", previousAttempts: 2 });
    assert.equal(block.prefix, prefix);
    assert.deepEqual(block.fields, [
      ...["grpc-timeout", "1500m", "grpc-encoding", "gzip", "grpc-previous-rpc-attempts", "2"],
      ...["x-tenant", "blue", "trace-bin", "AQ"],
    ]);
    assert.equal(flatFields(block).length, prefix.fields.length + block.fields.length);
  });

  it("sends a deadline that all but passed as 1n", () => {
    const block = encodeRequest(createRequestPrefix(call), { ...plain, remainingMs: 1e-9 });
    assert.deepEqual(block.fields, ["grpc-timeout", "1n"]);
  });
});
