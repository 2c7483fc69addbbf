import assert from "node:assert/strict";
import { HeaderBlock } from "../../src/hpack/header-block.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK, type Status } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { encodeRefusal, encodeTrailers, encodeTrailersOnly, parseTrailers } from "../../src/wire/trailers.js";
import { mulberry32 } from "./mulberry32.js";

function parse(...fields: string[]): Status {
  return parseTrailers(new HeaderBlock(fields));
}

describe("wire/trailers", () => {
  describe("encodeTrailers", () => {
    it("shares one block for each code that comes alone", () => {
      for (const code of Object.values(StatusCode)) {
        const block = encodeTrailers({ code, message: "" });
        assert.deepEqual(block.fields, ["grpc-status", String(code)]);
        assert.equal(encodeTrailers({ code, message: "", trailers: new Metadata() }), block);
      }
      assert.deepEqual(encodeTrailers(OK).fields, ["grpc-status", "0"]);
    });

    it("writes everything that a status says, but not what stays here", () => {
      const status: Status = {
        code: StatusCode.UNAVAILABLE,
        message: "à bientôt",
        details: Uint8Array.of(8, 14),
        retryPushbackMs: 250,
        trailers: new Metadata({ "x-a": "1" }),
        cause: new Error("secret"),
        delivery: "unknown",
      };
      assert.deepEqual(encodeTrailers(status).fields, [
        ...["grpc-status", "14", "grpc-message", "%C3%A0 bient%C3%B4t", "grpc-status-details-bin", "CA4"],
        ...["grpc-retry-pushback-ms", "250", "x-a", "1"],
      ]);
    });

    it("survives a lone surrogate in a message", () => {
      const block = encodeTrailers({ code: StatusCode.INVALID_ARGUMENT, message: "bad \ud83d" });
      assert.equal(block.get("grpc-message"), "bad %EF%BF%BD");
    });
  });

  it("writes Trailers-Only with HTTP status and content-type", () => {
    assert.deepEqual(encodeTrailersOnly({ code: StatusCode.NOT_FOUND, message: "x" }, "json").fields, [
      ...[":status", "200", "content-type", "application/grpc+json", "grpc-status", "5", "grpc-message", "x"],
    ]);
    const unsupported = { code: StatusCode.UNIMPLEMENTED, message: "" };
    assert.equal(encodeTrailersOnly(unsupported, "proto", "gzip").get("grpc-accept-encoding"), "gzip");
    assert.equal(encodeTrailersOnly(unsupported, "proto", "").get("grpc-accept-encoding"), undefined);
  });

  it("writes a refusal for those who do not read grpc-status", () => {
    const status = { code: StatusCode.INVALID_ARGUMENT, message: "no" };
    assert.deepEqual(encodeRefusal(415, status).fields, [
      ...[":status", "415", "content-type", "application/grpc", "grpc-status", "3", "grpc-message", "no"],
    ]);
    assert.equal(encodeRefusal(405, status).get("allow"), "POST");
  });

  describe("parseTrailers", () => {
    it("gives the shared OK for exactly grpc-status 0", () => assert.equal(parse("grpc-status", "0"), OK));

    it("reads each code", () => {
      for (const code of Object.values(StatusCode)) {
        assert.deepEqual(parse("grpc-status", String(code), "x", "1"), {
          code,
          message: "",
          trailers: Metadata.ofValidated(["x", "1"]),
        });
        if (code !== 0)
          assert.deepEqual(parse("grpc-message", "a%20b", "grpc-status", String(code)), { code, message: "a b" });
      }
    });

    it("leaves the message of OK away", () => {
      assert.deepEqual(parse("grpc-status", "0", "grpc-message", "fine"), { code: 0, message: "" });
    });

    const broken: [fields: string[], message: string][] = [
      [[], "trailers have no grpc-status, expected one"],
      [["grpc-message", "oops"], "trailers have no grpc-status, expected one: oops"],
      [["grpc-status", "0", "grpc-status", "0"], "trailers have 2 grpc-status fields, expected one"],
      [
        ["grpc-status", "0", "grpc-status", "5", "grpc-status", "0"],
        "trailers have 3 grpc-status fields, expected one",
      ],
      [["grpc-status", "17"], "grpc-status is 17, expected 0 to 16"],
      [["grpc-status", "42", "grpc-message", "eh"], "grpc-status is 42, expected 0 to 16: eh"],
      [["grpc-status", "4294967295"], "grpc-status is 4294967295, expected 0 to 16"],
    ];
    for (const [fields, message] of broken) {
      it(`makes UNKNOWN of ${JSON.stringify(fields)}`, () => {
        assert.deepEqual(parse(...fields), { code: StatusCode.UNKNOWN, message });
      });
    }
    for (const value of ["", " 0", "0 ", "00", "05", "-1", "+1", "1.0", "1e1", "OK", "0x1", "٣", "99999999999"]) {
      it(`makes UNKNOWN of grpc-status ${JSON.stringify(value)}`, () => {
        assert.deepEqual(parse("grpc-status", value), {
          code: StatusCode.UNKNOWN,
          message: `grpc-status is ${JSON.stringify(value)}, expected a decimal number without leading zeros`,
        });
      });
    }

    it("repeats little of a long grpc-status", () => {
      assert.ok(parse("grpc-status", "9".repeat(9000)).message.length < 200);
    });

    it("keeps the first of several messages", () => {
      assert.equal(parse("grpc-status", "5", "grpc-message", "a", "grpc-message", "b").message, "a");
    });

    it("gives the details as bytes and trusts grpc-status where they contradict it", () => {
      const status = parse("grpc-status", "5", "grpc-message", "m", "grpc-status-details-bin", "CA4=");
      assert.deepEqual(status, { code: StatusCode.NOT_FOUND, message: "m", details: Uint8Array.of(8, 14) });
    });

    it("goes without details that are not base64", () => {
      const status = parse("grpc-status", "5", "grpc-message", "m", "grpc-status-details-bin", "*");
      assert.deepEqual(status, { code: StatusCode.NOT_FOUND, message: "m" });
    });

    it("makes INTERNAL of malformed metadata and says what the server had said", () => {
      const status = parse("grpc-status", "5", "x-bin", "*", "grpc-message", "no item", "x", "kept");
      assert.equal(status.code, StatusCode.INTERNAL);
      assert.match(status.message, /^metadata value of "x-bin" .*\(in trailers with grpc-status NOT_FOUND: no item\)$/);
      assert.equal(status.trailers?.get("x"), "kept");
    });

    const pushbacks: [value: string, ms: number][] = [
      ["0", 0],
      ["250", 250],
      ["2147483647", 2_147_483_647],
      ["2147483648", -1],
      ["-1", -1],
      ["-0", -1],
      ["007", -1],
      ["1.5", -1],
      ["abc", -1],
      ["", -1],
      [" 5", -1],
    ];
    for (const [value, ms] of pushbacks) {
      it(`reads a pushback of ${JSON.stringify(value)} as ${ms}`, () => {
        assert.equal(parse("grpc-status", "14", "grpc-retry-pushback-ms", value).retryPushbackMs, ms);
      });
    }

    it("takes two pushbacks as none wanted (gRFC A6)", () => {
      const twice = ["grpc-retry-pushback-ms", "5", "grpc-retry-pushback-ms", "5"];
      assert.equal(parse("grpc-status", "14", ...twice).retryPushbackMs, -1);
      assert.equal(parse("grpc-status", "14").retryPushbackMs, undefined);
    });

    it("reads Trailers-Only without showing its HTTP fields", () => {
      const block = encodeTrailersOnly({ code: StatusCode.ABORTED, message: "m" }, "proto", "gzip");
      assert.deepEqual(parseTrailers(block), { code: StatusCode.ABORTED, message: "m" });
    });

    it("reads what encodeTrailers writes", () => {
      const random = mulberry32(23);
      for (let i = 0; i < 2000; i++) {
        const units = Array.from({ length: Math.floor(random() * 20) }, () => Math.floor(random() * 0x800));
        const status: Status = {
          code: (1 + Math.floor(random() * 16)) as StatusCode,
          message: String.fromCharCode(...units),
          ...(random() < 0.5 && { trailers: new Metadata({ "x-a": "1", "y-bin": Uint8Array.from(units) }) }),
          ...(random() < 0.5 && { details: Uint8Array.from(units) }),
          ...(random() < 0.5 && { retryPushbackMs: Math.floor(random() * 10) - 1 }),
        };
        const parsed = parseTrailers(encodeTrailers(status));
        assert.deepEqual({ ...parsed, trailers: null }, { ...status, trailers: null });
        assert.deepEqual([...(parsed.trailers ?? [])], [...(status.trailers ?? [])]);
      }
    });
  });
});
