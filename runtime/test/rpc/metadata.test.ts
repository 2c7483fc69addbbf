import assert from "node:assert/strict";
import { inspect } from "node:util";
import { isReservedKey, Metadata } from "../../src/rpc/metadata.js";

describe("rpc/metadata", () => {
  it("keeps several values under a key, in order", () => {
    const metadata = new Metadata().append("a", "1").append("b", "2").append("A", "3");
    assert.deepEqual(
      [...metadata],
      [
        ["a", "1"],
        ["b", "2"],
        ["a", "3"],
      ],
    );
    assert.deepEqual(metadata.getAll("a"), ["1", "3"]);
    assert.equal(metadata.get("a"), "1");
    assert.equal(metadata.size, 3);
  });

  it("takes keys in any case and keeps them in lower case", () => {
    const metadata = new Metadata({ "X-Tenant": "blue" });
    assert.deepEqual([...metadata], [["x-tenant", "blue"]]);
    assert.equal(metadata.get("x-TENANT"), "blue");
    assert.ok(metadata.has("X-tenant"));
    assert.ok(metadata.delete("X-TENANT"));
    assert.equal(metadata.size, 0);
  });

  it("replaces on set, removes on delete and tells whether there was anything", () => {
    const metadata = new Metadata({ a: ["1", "2"], b: "3", c: "4" });
    metadata.set("a", "5");
    assert.deepEqual(
      [...metadata],
      [
        ["b", "3"],
        ["c", "4"],
        ["a", "5"],
      ],
    );
    assert.equal(metadata.delete("b"), true);
    assert.equal(metadata.delete("b"), false);
    assert.deepEqual(
      [...metadata],
      [
        ["c", "4"],
        ["a", "5"],
      ],
    );
    assert.equal(metadata.get("b"), undefined);
    assert.deepEqual(metadata.getAll("b"), []);
    assert.equal(metadata.has("b"), false);
  });

  it("is made of an object, of another Metadata, or of nothing", () => {
    const first = new Metadata({ a: ["1", "2"], gone: undefined, "b-bin": Uint8Array.of(1) });
    const second = new Metadata(first);
    second.append("c", "3");
    assert.equal(first.size, 3);
    assert.equal(second.size, 4);
    assert.equal(new Metadata().size, 0);
    assert.equal(new Metadata(undefined).size, 0);
    assert.equal(new Metadata({}).size, 0);
  });

  it("merges another, and itself", () => {
    const metadata = new Metadata({ a: "1" });
    metadata.merge(new Metadata({ a: "2" }));
    assert.deepEqual(metadata.getAll("a"), ["1", "2"]);
    metadata.merge(metadata);
    assert.deepEqual(metadata.getAll("a"), ["1", "2", "1", "2"]);
    metadata.merge(new Metadata());
    assert.equal(metadata.size, 4);
  });

  it("visits what it iterates over", () => {
    const metadata = new Metadata({ a: ["1", "2"], "b-bin": Uint8Array.of(1) });
    const seen: unknown[] = [];
    metadata.forEach((key, value) => {
      seen.push([key, value]);
    });
    assert.deepEqual(seen, [...metadata]);
  });

  it("becomes JSON with bytes in base64 and no prototype", () => {
    const json = new Metadata({ a: ["1", "2"], "b-bin": Uint8Array.of(255) }).toJSON();
    assert.equal(JSON.stringify(json), '{"a":["1","2"],"b-bin":["/w=="]}');
    assert.equal(Object.getPrototypeOf(json), null);
    assert.deepEqual(Object.keys(Metadata.ofValidated(["__proto__", "x"]).toJSON()), ["__proto__"]);
  });

  it("R109 grpc-go GO-2024-2978: shows itself in logs, without what carries credentials", () => {
    const metadata = new Metadata({ a: ["1", "2"], authorization: "Bearer secret" });
    const shown = inspect(metadata);
    assert.match(shown, /a: '1, 2'/);
    assert.match(shown, /authorization: '\[redacted\]'/);
    assert.doesNotMatch(shown, /secret/);
  });

  it("becomes JSON without what carries credentials", () => {
    const metadata = new Metadata({ a: "1", Authorization: "Bearer secret", cookie: ["secret", "secret"] });
    assert.equal(
      JSON.stringify(metadata),
      '{"a":["1"],"authorization":["[redacted]"],"cookie":["[redacted]","[redacted]"]}',
    );
  });

  it("takes all that call credentials gave for secret, in copies and where it is merged, too", () => {
    const given = new Metadata({ "x-key": "secret", "x-key-bin": Uint8Array.of(1) });
    const metadata = new Metadata({ "x-key": "before", b: "2" }).replaceWithSecrets(given);
    assert.deepEqual(
      [...metadata],
      [
        ["b", "2"],
        ["x-key", "secret"],
        ["x-key-bin", Uint8Array.of(1)],
      ],
    );
    for (const each of [metadata, new Metadata(metadata), new Metadata({ c: "3" }).merge(metadata)]) {
      assert.doesNotMatch(inspect(each) + JSON.stringify(each), /secret|AQ==/);
      assert.deepEqual([...(each.secrets ?? [])], ["x-key", "x-key-bin"]);
    }
    metadata.replaceWithSecrets(new Metadata({ d: "4" }));
    assert.deepEqual([...(metadata.secrets ?? [])], ["x-key", "x-key-bin", "d"]);
  });

  for (const key of ["", "a b", "a:b", "é", "a\n", "a\r", "x\u0000", "ſ", "a=b"]) {
    it(`refuses the key ${JSON.stringify(key)}`, () => {
      const expected = {
        name: "TypeError",
        message: `metadata key ${JSON.stringify(key)} is not valid: expected letters, digits, "-", "_" and "."`,
      };
      assert.throws(() => new Metadata().set(key, "v"), expected);
      assert.throws(() => new Metadata().append(key, "v"), expected);
      assert.throws(() => new Metadata({ [key]: "v" }), expected);
    });
  }

  for (const key of [
    "grpc-timeout",
    "GRPC-anything",
    "content-type",
    "Content-Length",
    "te",
    "host",
    "connection",
    "user-agent",
  ]) {
    it(`refuses the reserved key ${key}`, () => {
      assert.throws(() => new Metadata({ [key]: "v" }), {
        name: "TypeError",
        message: `metadata key "${key.toLowerCase()}" is reserved: it is set by the runtime and cannot be sent by an application`,
      });
    });
  }

  it("knows which keys are reserved", () => {
    for (const key of [":path", ":", "grpc-", "grpc-x-bin", "transfer-encoding", "keep-alive", "upgrade", "trailer"]) {
      assert.ok(isReservedKey(key), key);
    }
    for (const key of ["authorization", "grpc", "grpcx", "x-grpc-y", "cookie", "tex", "constructor", "__proto__"]) {
      assert.ok(!isReservedKey(key), key);
    }
  });

  it("R87 grpc-go #9202, #9203: refuses text that HTTP/2 or gRPC would not carry, each character tried", () => {
    for (let code = 0; code < 300; code++) {
      const value = `a${String.fromCharCode(code)}a`;
      if (code >= 0x20 && code <= 0x7e) assert.equal(new Metadata({ k: value }).get("k"), value);
      else
        assert.throws(() => new Metadata({ k: value }), /metadata value of "k" is not valid: expected printable ASCII/);
    }
    for (const value of [" a", "a ", " "]) assert.throws(() => new Metadata({ k: value }), TypeError);
    assert.equal(new Metadata({ k: "" }).get("k"), "");
    assert.equal(new Metadata({ k: "a  b" }).get("k"), "a  b");
  });

  it("wants bytes for -bin keys and text for others", () => {
    assert.throws(() => new Metadata({ "k-bin": "text" }), {
      message: 'metadata value of "k-bin" is a string: a key that ends in "-bin" takes a Uint8Array',
    });
    assert.throws(() => new Metadata({ k: Uint8Array.of(1) }), {
      message: 'metadata value of "k" is not a string: only a key that ends in "-bin" takes bytes',
    });
    assert.throws(() => new Metadata({ k: 5 as unknown as string }), TypeError);
    const bytes = Uint8Array.of(0, 255);
    assert.equal(new Metadata({ "K-Bin": bytes }).get("k-bin"), bytes);
  });

  it("is unchanged when a value is refused", () => {
    const metadata = new Metadata({ a: "1" });
    assert.throws(() => metadata.set("a", "é"));
    assert.deepEqual(metadata.getAll("a"), ["1"]);
  });
});
