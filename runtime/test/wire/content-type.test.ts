import assert from "node:assert/strict";
import { contentTypeOf, parseContentType } from "../../src/wire/content-type.js";

describe("wire/content-type", () => {
  const accepted: [value: string, subtype: string][] = [
    ["application/grpc", "proto"],
    ["application/grpc+proto", "proto"],
    ["application/grpc+json", "json"],
    ["application/grpc+x-custom", "x-custom"],
    ["APPLICATION/gRPC", "proto"],
    ["Application/Grpc+JSON", "json"],
    ["application/grpc;charset=utf-8", "proto"],
    ["application/grpc ; charset=utf-8", "proto"],
    ["application/grpc+json; charset=utf-8", "json"],
    ["application/grpc+json ;a=b;c=d", "json"],
    ["application/grpc;", "proto"],
    ["application/grpc+", "proto"],
    ["application/grpc+;x", "proto"],
  ];
  for (const [value, subtype] of accepted) {
    it(`takes ${value} as ${subtype}`, () => assert.equal(parseContentType(value), subtype));
  }

  const refused = [
    undefined,
    "",
    "a",
    "application",
    "application/grp",
    "application/grpc-web",
    "application/grpc-web+proto",
    "application/grpcfoo",
    "application/grpc/",
    "application/json",
    "text/plain; application/grpc",
    "xapplication/grpc",
    ";application/grpc",
  ];
  for (const value of refused) {
    it(`refuses ${JSON.stringify(value)}`, () => assert.equal(parseContentType(value), undefined));
  }

  it("sends proto in the bare form and reads back what it sends", () => {
    assert.equal(contentTypeOf("proto"), "application/grpc");
    assert.equal(contentTypeOf("json"), "application/grpc+json");
    for (const subtype of ["proto", "json", "thrift"]) assert.equal(parseContentType(contentTypeOf(subtype)), subtype);
  });
});
