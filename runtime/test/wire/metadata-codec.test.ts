import assert from "node:assert/strict";
import { flatFields, HeaderBlock } from "../../src/hpack/header-block.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { maxMetadataEntries } from "../../src/wire/limits.js";
import { decodeBinary, encodeBinary, metadataToFields, parseMetadata } from "../../src/wire/metadata-codec.js";
import { mulberry32 } from "./mulberry32.js";

function parsed(...fields: string[]): Metadata {
  const result = parseMetadata(new HeaderBlock(fields));
  assert.ok("metadata" in result, "error" in result ? result.error : "");
  return result.metadata;
}

function errorOf(...fields: string[]): string {
  const result = parseMetadata(new HeaderBlock(fields));
  assert.ok("error" in result, "no error");
  return result.error;
}

describe("wire/metadata-codec", () => {
  it("writes text as it is and bytes in base64 without padding, each value a field", () => {
    const metadata = new Metadata({
      "x-a": ["1", "2"],
      "t-bin": [Uint8Array.of(1), Uint8Array.of(1, 2, 3)],
      "x-b": "",
    });
    const fields = ["te", "trailers"];
    metadataToFields(metadata, fields);
    assert.deepEqual(fields, ["te", "trailers", "x-a", "1", "x-a", "2", "t-bin", "AQ", "t-bin", "AQID", "x-b", ""]);
  });

  it("writes nothing for empty metadata", () => {
    const fields: string[] = [];
    metadataToFields(new Metadata(), fields);
    assert.deepEqual(fields, []);
  });

  it("leaves out pseudo-headers and reserved keys", () => {
    const metadata = parsed(
      ...[":path", "/a/b", "content-type", "application/grpc", "te", "trailers", "user-agent", "x", "grpc-status", "0"],
      ...["grpc-trace-bin", "!!", "host", "h", "x-kept", "yes"],
    );
    assert.deepEqual([...metadata], [["x-kept", "yes"]]);
  });

  it("reads the fields of a prefix first", () => {
    const block = new HeaderBlock(["c", "3"], new HeaderBlock(["b", "2"], new HeaderBlock(["a", "1"])));
    assert.deepEqual(flatFields(block), ["a", "1", "b", "2", "c", "3"]);
    const result = parseMetadata(block);
    assert.ok("metadata" in result);
    assert.deepEqual([...(result.metadata.toJSON().a ?? [])], ["1"]);
    assert.equal(result.metadata.size, 3);
  });

  it("takes padded and unpadded base64, also joined with commas", () => {
    assert.deepEqual(parsed("t-bin", "AQ").getAll("t-bin"), [Uint8Array.of(1)]);
    assert.deepEqual(parsed("t-bin", "AQ==").getAll("t-bin"), [Uint8Array.of(1)]);
    assert.deepEqual(parsed("t-bin", "AQI").getAll("t-bin"), [Uint8Array.of(1, 2)]);
    assert.deepEqual(parsed("t-bin", "AQI=").getAll("t-bin"), [Uint8Array.of(1, 2)]);
    assert.deepEqual(parsed("t-bin", "").getAll("t-bin"), [new Uint8Array(0)]);
    const joined = parsed("t-bin", "AQ==,AQI , AQID,,+/8=", "t-bin", "AA").getAll("t-bin");
    assert.deepEqual(
      joined,
      [[1], [1, 2], [1, 2, 3], [], [0xfb, 0xff], [0]].map((bytes) => Uint8Array.from(bytes)),
    );
  });

  it("gives plain arrays that own their memory", () => {
    const value = parsed("t-bin", "AQID").get("t-bin");
    assert.ok(value instanceof Uint8Array);
    assert.equal(value.constructor, Uint8Array);
    assert.equal(value.buffer.byteLength, 3);
  });

  it("does not split text at commas", () => {
    assert.deepEqual(parsed("x-list", "a, b,c").getAll("x-list"), ["a, b,c"]);
  });

  it("takes text outside printable ASCII as it is, and lets it be sent back", () => {
    const metadata = parsed("x-text", "caf\u00e9\u0001", "x!odd", "1");
    assert.equal(metadata.get("x-text"), "caf\u00e9\u0001");
    const fields: string[] = [];
    metadataToFields(new Metadata(metadata).merge(metadata), fields);
    assert.deepEqual(fields, ["x-text", "caf\u00e9\u0001", "x!odd", "1", "x-text", "caf\u00e9\u0001", "x!odd", "1"]);
  });

  for (const value of ["A", "AQ=", "A===", "====", "=", "==", "AQ==AQ==", "AQ=Q", "A Q", "-_8", "AQ*=", "é", "AAAAA"]) {
    it(`refuses ${JSON.stringify(value)}`, () => {
      assert.equal(decodeBinary(value), undefined);
      assert.equal(
        errorOf("x", "1", "t-bin", value),
        `metadata value of "t-bin" is not base64 (${value.length} characters), expected the alphabet of RFC 4648 §4 with or without padding`,
      );
      assert.match(errorOf("t-bin", `AQ,${value},AQ`), /"t-bin" is not base64/);
    });
  }

  it("ignores white space at commas only", () => {
    for (const value of [" AQ", "AQ ", "AQ\n", "\tAQ"]) assert.equal(decodeBinary(value), undefined);
    assert.equal(parsed("t-bin", "AQ ,\tAQ").size, 2);
  });

  it("does not repeat the value, which may be a secret, nor all of an endless key", () => {
    assert.ok(!errorOf("token-bin", "s3cr$t").includes("s3cr"));
    assert.ok(errorOf(`${"k".repeat(9000)}-bin`, "$").length < 300);
  });

  it("limits what commas may bring forth", () => {
    const ok = `AQ${",AQ".repeat(maxMetadataEntries - 1)}`;
    assert.equal(parsed("t-bin", ok).size, maxMetadataEntries);
    assert.equal(
      errorOf("t-bin", `${ok},AQ`),
      'metadata has more than 256 values once "t-bin" is split at its commas, limit 256 (maxMetadataEntries)',
    );
    assert.match(errorOf("t-bin", ok, "u-bin", ",,"), /"u-bin" is split/);
  });

  it("is safe from names of Object.prototype", () => {
    const metadata = parsed("__proto__", "a", "constructor", "b", "tostring", "c");
    assert.equal(metadata.get("__proto__"), "a");
    assert.equal(Object.getPrototypeOf(metadata.toJSON()), null);
  });

  it("brings all bytes and lengths through", () => {
    const random = mulberry32(5);
    for (let length = 0; length < 300; length++) {
      const bytes = Uint8Array.from({ length }, () => Math.floor(random() * 256));
      const text = encodeBinary(bytes);
      assert.equal(text, Buffer.from(bytes).toString("base64").replaceAll("=", ""));
      assert.deepEqual(decodeBinary(text), bytes);
    }
    assert.equal(encodeBinary(new Uint8Array([9, 1, 2, 3, 9]).subarray(1, 4)), "AQID");
  });

  it("takes what the grammar of base64 takes, short text and long alike", () => {
    const pattern = /^[A-Za-z0-9+/]*={0,2}$/;
    const characters = "AZaz09+/AZaz09+/AZaz09+/=-_ ,\u0000\u0080\u00ff\u0141\u2041";
    const random = mulberry32(6);
    const pick = (): string => characters[Math.floor(random() * characters.length)] as string;
    let taken = 0;
    for (let i = 0; i < 20_000; i++) {
      const good = "QUJD".repeat(Math.floor(random() * 25));
      const text = good + Array.from({ length: Math.floor(random() * 5) }, pick).join("");
      const body = text.replace(/=+$/, "");
      const isGood = pattern.test(text) && body.length % 4 !== 1 && (body === text || text.length % 4 === 0);
      const bytes = decodeBinary(text);
      assert.deepEqual(bytes, isGood ? new Uint8Array(Buffer.from(text, "base64")) : undefined, JSON.stringify(text));
      if (isGood) taken++;
    }
    assert.ok(taken > 2000 && taken < 18_000, `${taken} taken`);
  });

  it("brings metadata through", () => {
    const metadata = new Metadata({ "x-a": ["1", "2"], "b-bin": [Uint8Array.of(0, 255), new Uint8Array(0)], c: "z z" });
    const fields: string[] = [];
    metadataToFields(metadata, fields);
    assert.deepEqual([...parsed(...fields)], [...metadata]);
  });
});
