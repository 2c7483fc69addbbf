import assert from "node:assert/strict";
import { HeaderBlock } from "../../src/hpack/header-block.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { maxAcceptEncodings } from "../../src/wire/limits.js";
import { type GrpcRequest, parseRequest, type RefusedRequest } from "../../src/wire/parse-request.js";
import { createRequestPrefix, encodeRequest } from "../../src/wire/request-headers.js";
import { mulberry32 } from "./mulberry32.js";

const required = {
  ":method": "POST",
  ":scheme": "http",
  ":path": "/shop.v1.Shop/Get",
  ":authority": "shop",
  te: "trailers",
  "content-type": "application/grpc",
};

/** Overrides or, with undefined, removes required fields; then come the others. */
function block(changes: Record<string, string | undefined> = {}, ...others: string[]): HeaderBlock {
  const fields: string[] = [];
  for (const [name, value] of Object.entries({ ...required, ...changes }))
    if (value !== undefined) fields.push(name, value);
  return new HeaderBlock([...fields, ...others]);
}

function accepted(headers: HeaderBlock): GrpcRequest {
  const request = parseRequest(headers);
  assert.ok(request.kind === "grpc", JSON.stringify(request));
  return request;
}

function refused(headers: HeaderBlock): RefusedRequest {
  const request = parseRequest(headers);
  assert.ok(request.kind === "refused", JSON.stringify(request));
  return request;
}

describe("wire/parse-request", () => {
  it("reads the least that a client may send", () => {
    const { metadata, ...rest } = accepted(block());
    assert.deepEqual(rest, {
      kind: "grpc",
      path: "/shop.v1.Shop/Get",
      authority: "shop",
      contentSubtype: "proto",
      timeoutMs: Number.POSITIVE_INFINITY,
      encoding: "identity",
      acceptEncodings: [],
      previousAttempts: 0,
      isEarlyData: false,
    });
    assert.equal(metadata.size, 0);
  });

  it("knows what came as TLS early data, however it is said (RFC 8470 §5.1), and shows it to applications", () => {
    for (const values of [["1"], ["0"], [""], ["1", "1"]]) {
      const fields = values.flatMap((value) => ["early-data", value]);
      const { isEarlyData, metadata } = accepted(block({}, ...fields));
      assert.equal(isEarlyData, true);
      assert.deepEqual(metadata.getAll("early-data"), values);
    }
    assert.equal(accepted(block({}, "x-early-data", "1")).isEarlyData, false);
    const plain = block();
    assert.equal(accepted(plain).isEarlyData, false);
    assert.equal(accepted(plain).isEarlyData, false, "of a block that is known");
  });

  it("reads what our client writes", () => {
    const prefix = createRequestPrefix({
      ...{ path: "/a.B/C", scheme: "https", authority: "h:1", userAgent: "ua", contentSubtype: "json" },
      acceptEncoding: "gzip,deflate",
    });
    const metadata = new Metadata({ "x-a": ["1", "2"], "x-bin": Uint8Array.of(7) });
    const request = accepted(
      encodeRequest(prefix, { remainingMs: 2000, metadata, encoding: "gzip", previousAttempts: 3 }),
    );
    assert.deepEqual([...request.metadata], [...metadata]);
    assert.equal(request.path, "/a.B/C");
    assert.equal(request.authority, "h:1");
    assert.equal(request.contentSubtype, "json");
    assert.equal(request.timeoutMs, 2000);
    assert.equal(request.encoding, "gzip");
    assert.deepEqual(request.acceptEncodings, ["gzip", "deflate"]);
    assert.equal(request.previousAttempts, 3);
  });

  for (const path of [
    "shop.v1.Shop/Get",
    "//shop.v1.Shop/Get",
    "/a/b/../c",
    "/a%2fb",
    "/a/b?x",
    "/a/b#x",
    "*",
    "",
    "/__proto__/x",
  ]) {
    it(`keeps the path ${JSON.stringify(path)} byte for byte`, () => {
      assert.equal(accepted(block({ ":path": path })).path, path);
    });
  }

  it("hides what is gRPC's own, and the user-agent, from the metadata, but for a trace that can be read", () => {
    const request = accepted(
      block({}, "user-agent", "x", "grpc-trace-bin", "AQ", "grpc-tags-bin", "?", "content-length", "5", "x", "1"),
    );
    assert.deepEqual(
      [...request.metadata],
      [
        ["grpc-trace-bin", Uint8Array.of(1)],
        ["x", "1"],
      ],
    );
  });

  describe("authority (gRFC A41)", () => {
    it("takes host where :authority is missing, and ignores it where not", () => {
      assert.equal(accepted(block({ ":authority": undefined }, "host", "other")).authority, "other");
      const both = accepted(block({}, "host", "other"));
      assert.equal(both.authority, "shop");
      assert.equal(both.metadata.get("host"), undefined);
    });

    it("refuses a request with neither", () => {
      assert.deepEqual(refused(block({ ":authority": undefined })), {
        kind: "refused",
        httpStatus: 400,
        status: {
          code: StatusCode.INTERNAL,
          message: "request has neither :authority nor host, expected one of them (gRFC A41)",
        },
      });
    });

    it("refuses several hosts, also before it looks at the content-type", () => {
      const request = refused(block({ "content-type": "text/plain" }, "host", "a", "host", "a"));
      assert.equal(request.httpStatus, 400);
      assert.equal(request.status.code, StatusCode.INTERNAL);
      assert.equal(request.status.message, "request has 2 host fields, limit 1 (gRFC A41)");
    });
  });

  it("refuses other methods than POST with 405", () => {
    for (const method of ["GET", "post", "PUT", "OPTIONS", ""]) {
      const request = refused(block({ ":method": method }));
      assert.equal(request.httpStatus, 405);
      assert.equal(request.status.message, `method is "${method}", expected POST`);
    }
  });

  it("refuses what is not gRPC with 415", () => {
    for (const type of ["text/html", "application/grpc-web", "application/json", ""]) {
      const request = refused(block({ "content-type": type }));
      assert.equal(request.httpStatus, 415);
      assert.equal(request.status.code, StatusCode.INVALID_ARGUMENT);
      assert.equal(request.status.message, `content-type is "${type}", expected application/grpc`);
    }
    const missing = refused(block({ "content-type": undefined }));
    assert.equal(missing.httpStatus, 415);
    assert.equal(missing.status.message, "content-type is missing, expected application/grpc");
  });

  describe("grpc-timeout", () => {
    it("is in milliseconds, however long (30 days are more than a timer of 32 bits holds)", () => {
      assert.equal(accepted(block({}, "grpc-timeout", "100m")).timeoutMs, 100);
      assert.equal(accepted(block({}, "grpc-timeout", "720H")).timeoutMs, 30 * 24 * 3_600_000);
      assert.equal(accepted(block({}, "grpc-timeout", "0n")).timeoutMs, 0);
    });

    it("is refused when malformed or doubled", () => {
      for (const value of ["", "5", "5x", "123456789n", "-1m"]) {
        const request = refused(block({}, "grpc-timeout", value));
        assert.equal(request.httpStatus, 200);
        assert.equal(request.status.code, StatusCode.INTERNAL);
        assert.equal(
          request.status.message,
          `grpc-timeout is "${value}", expected 1 to 8 digits and one of H, M, S, m, u, n`,
        );
      }
      const twice = refused(block({}, "grpc-timeout", "1S", "grpc-timeout", "1S"));
      assert.equal(twice.status.message, "request has 2 grpc-timeout fields, limit 1");
    });
  });

  it("R99 grpc-core CVE-2023-32732: refuses malformed -bin values as an error of the call", () => {
    const request = refused(block({}, "x-ok", "1", "x-bin", "*"));
    assert.equal(request.httpStatus, 200);
    assert.equal(request.status.code, StatusCode.INTERNAL);
    assert.match(request.status.message, /^metadata value of "x-bin" is not base64/);
  });

  describe("encodings", () => {
    it("are taken as they come", () => {
      const request = accepted(block({}, "grpc-encoding", "snappy", "grpc-accept-encoding", "identity, gzip ,,x"));
      assert.equal(request.encoding, "snappy");
      assert.deepEqual(request.acceptEncodings, ["gzip", "x"]);
      assert.deepEqual(accepted(block({}, "grpc-accept-encoding", "a", "grpc-accept-encoding", "b")).acceptEncodings, [
        "a",
        "b",
      ]);
      assert.deepEqual(accepted(block()).acceptEncodings, []);
    });

    it("are limited in number", () => {
      const names = Array.from({ length: 5000 }, (_, i) => `e${i}`);
      assert.deepEqual(
        accepted(block({}, "grpc-accept-encoding", names.join(","))).acceptEncodings,
        names.slice(0, maxAcceptEncodings),
      );
    });
  });

  it("reads previous attempts, and nothing into nonsense", () => {
    const attempts = (value: string) => accepted(block({}, "grpc-previous-rpc-attempts", value)).previousAttempts;
    assert.equal(attempts("1"), 1);
    assert.equal(attempts("999999999"), 999_999_999);
    for (const value of ["", "0", "01", "-1", "x", "1.5", "99999999999"]) assert.equal(attempts(value), 0, value);
  });

  describe("a block that comes again", () => {
    it("gives equal requests whose metadata are their own", () => {
      const headers = block({}, "grpc-accept-encoding", "gzip");
      const first = accepted(headers);
      first.metadata.set("x", "1");
      const second = accepted(headers);
      assert.equal(second.metadata.size, 0);
      second.metadata.set("y", "1");
      const third = accepted(headers);
      assert.equal(third.metadata.size, 0);
      assert.deepEqual({ ...third, metadata: null }, { ...first, metadata: null });
      assert.deepEqual(third.acceptEncodings, ["gzip"]);
    });

    it("is read anew when it has metadata or a timeout", () => {
      const headers = block({}, "x", "1", "grpc-timeout", "1S");
      accepted(headers).metadata.set("x", "changed");
      const again = accepted(headers);
      assert.equal(again.metadata.get("x"), "1");
      assert.equal(again.timeoutMs, 1000);
    });

    it("is refused again", () => {
      const headers = block({ ":method": "GET" });
      accepted(block());
      assert.deepEqual(refused(headers), refused(headers));
    });
  });

  describe("a beginning that many blocks share", () => {
    it("is read as if it were not shared, whatever stands behind it", () => {
      const random = mulberry32(23);
      const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
      const names = [
        "grpc-timeout",
        "x",
        "y-bin",
        "host",
        "te",
        "early-data",
        ":path",
        "grpc-tags-bin",
        "content-type",
      ];
      const values = ["1S", "20m", "AQID", "AQ==,AA==", "", "never", "application/grpc"];
      const kinds = new Set<string>();
      for (let i = 0; i < 500; i++) {
        const more = () => Array.from({ length: pick([0, 0, 1, 1, 2]) }, () => [pick(names), pick(values)]).flat();
        const prefix = new HeaderBlock([...block(pick([{}, {}, { ":authority": undefined }])).fields, ...more()]);
        for (let calls = 0; calls < 3; calls++) {
          const tail = more();
          const shared = parseRequest(new HeaderBlock(tail, prefix));
          const whole = parseRequest(new HeaderBlock([...prefix.fields, ...tail]));
          kinds.add(shared.kind);
          assert.deepEqual({ ...shared, metadata: null }, { ...whole, metadata: null });
          if (shared.kind !== "grpc" || whole.kind !== "grpc") continue;
          assert.deepEqual([...shared.metadata], [...whole.metadata]);
        }
      }
      assert.deepEqual([...kinds].sort(), ["grpc", "refused"]);
    });

    it("gives metadata that are each call's own", () => {
      const prefix = new HeaderBlock([...block().fields, "x", "1", "y-bin", "AQID"]);
      const first = accepted(new HeaderBlock(["z", "1"], prefix)).metadata;
      first.set("x", "2");
      (first.get("y-bin") as Uint8Array).fill(0);
      const second = accepted(new HeaderBlock(["z", "1"], prefix)).metadata;
      assert.deepEqual(
        [...second],
        [
          ["x", "1"],
          ["y-bin", Uint8Array.of(1, 2, 3)],
          ["z", "1"],
        ],
      );
    });
  });

  it("never throws, whatever fields come", () => {
    const random = mulberry32(17);
    const names = [...Object.keys(required), "host", "grpc-timeout", "grpc-encoding", "x-bin", "__proto__", "", ":"];
    const values = ["", "POST", "application/grpc", "/a/b", "1S", "AQ==,", "\u0000\u00ff", "x".repeat(9000)];
    const kinds = new Set<string>();
    for (let i = 0; i < 5000; i++) {
      const fields = i % 2 === 0 ? [] : [...block().fields];
      for (let n = Math.floor(random() * 10); n > 0; n--) {
        fields.push(
          names[Math.floor(random() * names.length)] ?? "",
          values[Math.floor(random() * values.length)] ?? "",
        );
      }
      kinds.add(parseRequest(new HeaderBlock(fields)).kind);
    }
    assert.deepEqual([...kinds].sort(), ["grpc", "refused"]);
  });
});
