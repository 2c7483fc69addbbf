import assert from "node:assert/strict";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import {
  checkRequest,
  checkResponse,
  checkTrailers,
  contentLengthOf,
} from "../../../src/http2/connection/header-validator.js";

type Fields = readonly string[];
const request: Fields = [":method", "POST", ":scheme", "http", ":path", "/s/m", ":authority", "host"];
const shape = "request must have :method, :scheme and :path once each and :authority at most once";

/** The block in every form that the decoder makes it in: whole, or with its first fields as a shared prefix. */
function forms(fields: Fields): HeaderBlock[] {
  const all = [new HeaderBlock(fields)];
  for (let cut = 0; cut <= fields.length; cut += 2) {
    all.push(new HeaderBlock(fields.slice(cut), new HeaderBlock(fields.slice(0, cut))));
  }
  return all;
}

/** The answer, which must be the same for every form of the block, and when it is asked again. */
function same<T>(check: (block: HeaderBlock) => T, fields: Fields): T {
  const [first, ...others] = forms(fields).map((block) => {
    const answer = check(block);
    assert.deepEqual(check(block), answer, "the second answer is the first one's");
    return answer;
  });
  for (const other of others) assert.deepEqual(other, first, "a prefix makes no difference");
  return first as T;
}

/** Rules for fields that are no pseudo-headers, the same in requests, responses and trailers. */
const badFields: [string, string, string][] = [
  ["", "x", 'header field name "" is not valid: expected a token in lower case'],
  ["Upper", "x", 'header field name "Upper" is not valid: expected a token in lower case'],
  ["a b", "x", 'header field name "a b" is not valid: expected a token in lower case'],
  ["a\r\n", "x", 'header field name "a\\r\\n" is not valid: expected a token in lower case'],
  ["a\0", "x", 'header field name "a\\u0000" is not valid: expected a token in lower case'],
  ["a:b", "x", 'header field name "a:b" is not valid: expected a token in lower case'],
  ["caf\u00e9", "x", 'header field name "caf\u00e9" is not valid: expected a token in lower case'],
  ["a\x7f", "x", 'header field name "a\x7f" is not valid: expected a token in lower case'],
  ["A".repeat(100), "x", `header field name "${"A".repeat(64)}" is not valid: expected a token in lower case`],
  ["connection", "close", 'header field "connection" belongs to HTTP/1.1 and is not allowed'],
  ["keep-alive", "1", 'header field "keep-alive" belongs to HTTP/1.1 and is not allowed'],
  ["proxy-connection", "x", 'header field "proxy-connection" belongs to HTTP/1.1 and is not allowed'],
  ["transfer-encoding", "chunked", 'header field "transfer-encoding" belongs to HTTP/1.1 and is not allowed'],
  ["upgrade", "h2c", 'header field "upgrade" belongs to HTTP/1.1 and is not allowed'],
  ["te", "gzip", 'header field "te" is "gzip", expected "trailers"'],
  ["te", "trailers, gzip", 'header field "te" is "trailers, gzip", expected "trailers"'],
  ["x", "a\0b", 'value of header field "x" holds a forbidden character'],
  ["x", "a\rb", 'value of header field "x" holds a forbidden character'],
  ["x", "a\nb", 'value of header field "x" holds a forbidden character'],
  ["x", " a", 'value of header field "x" holds a forbidden character'],
  ["x", "a ", 'value of header field "x" holds a forbidden character'],
  ["x", "\ta", 'value of header field "x" holds a forbidden character'],
  ["x", "a\t", 'value of header field "x" holds a forbidden character'],
  [":method", "GET", 'pseudo-header field ":method" is not allowed here'],
  [":status", "200", 'pseudo-header field ":status" is not allowed here'],
  [":nonsense", "x", 'pseudo-header field ":nonsense" is not allowed here'],
];

const goodFields: Fields = [
  "te",
  "trailers",
  "x",
  "",
  "0-!#$%&'*+.^_`|~",
  "v",
  "y",
  "inner\tspace and\u00ffoctets\x01",
  "grpc-timeout",
  "1S",
];

describe("header-validator: requests", () => {
  it("takes what is right", () => {
    assert.equal(same(checkRequest, request), undefined);
    assert.equal(same(checkRequest, [...request, ...goodFields]), undefined);
    assert.equal(same(checkRequest, request.slice(0, 6)), undefined, "without :authority");
    assert.equal(same(checkRequest, [...request.slice(0, 6), ":authority", ""]), undefined);
    assert.equal(same(checkRequest, [":path", "*", ":method", "OPTIONS", ":scheme", "x"]), undefined);
  });

  for (const name of [":method", ":scheme", ":path"]) {
    const at = request.indexOf(name);
    const without = [...request.slice(0, at), ...request.slice(at + 2)];
    it(`refuses a request without ${name}`, () => assert.equal(same(checkRequest, without), shape));
    it(`refuses a request with two ${name}`, () => {
      assert.equal(same(checkRequest, [...request, name, request[at + 1] as string]), shape);
    });
    it(`refuses an empty ${name}`, () => {
      assert.equal(same(checkRequest, [...without, name, ""]), `pseudo-header field "${name}" is empty`);
    });
  }

  it("refuses two :authority, whether or not they agree", () => {
    assert.equal(same(checkRequest, [...request, ":authority", "host"]), shape);
  });

  it("refuses an empty list, and CONNECT", () => {
    assert.equal(same(checkRequest, []), shape);
    assert.equal(same(checkRequest, [":method", "CONNECT", ":authority", "host:1"]), shape);
  });

  it("refuses pseudo-headers of responses, of extensions and unknown ones", () => {
    for (const name of [":status", ":protocol", ":", ":Path", ":method "]) {
      assert.equal(
        same(checkRequest, [...request, name, "1"]),
        `pseudo-header field ${JSON.stringify(name)} is not one of a request`,
      );
    }
  });

  it("refuses user information in :authority (RFC 9113 §8.3.1)", () => {
    for (const authority of ["user@host", "user:password@host:1", "@", "host@"]) {
      const message = 'pseudo-header field ":authority" holds user information';
      assert.equal(same(checkRequest, [...request.slice(0, 6), ":authority", authority]), message);
    }
    for (const path of ["/s/m@1", "/@/x"]) {
      assert.equal(same(checkRequest, [...request.slice(0, 4), ":path", path, ":authority", "host"]), undefined);
    }
  });

  it("refuses forbidden characters in pseudo-headers", () => {
    for (const value of ["/a\r\nb", "/a\0", " /a", "/a\t"]) {
      assert.equal(
        same(checkRequest, [":path", value, ...request]),
        'value of pseudo-header field ":path" holds a forbidden character',
      );
    }
  });

  for (const [name, value, message] of badFields) {
    it(`refuses ${JSON.stringify([name.slice(0, 8), value])}`, () => {
      assert.equal(same(checkRequest, [...request, "a", "b", name, value, "c", "d"]), message);
    });
  }
});

describe("header-validator: responses", () => {
  it("takes what is right", () => {
    assert.equal(same(checkResponse, [":status", "200"]), undefined);
    assert.equal(same(checkResponse, [":status", "999", ...goodFields]), undefined);
  });

  it("refuses a response without :status at its head", () => {
    for (const fields of [[], ["a", "b"], ["a", "b", ":status", "200"], request]) {
      assert.equal(same(checkResponse, fields), "response does not begin with :status");
    }
  });

  it("refuses a status that is not three digits", () => {
    for (const status of ["", "20", "2000", "20x", " 200", "099", "\u0662\u0660\u0660"]) {
      assert.equal(
        same(checkResponse, [":status", status]),
        `:status is ${JSON.stringify(status)}, expected three digits`,
      );
    }
    assert.equal(
      same(checkResponse, [":status", "9".repeat(80)]),
      `:status is "${"9".repeat(64)}", expected three digits`,
    );
  });

  it("refuses 101, which HTTP/2 does not have (RFC 9113 §8.6)", () => {
    assert.equal(same(checkResponse, [":status", "101"]), ":status is 101: HTTP/2 has no upgrades");
    for (const status of ["100", "102", "103"]) assert.equal(same(checkResponse, [":status", status]), undefined);
  });

  it("refuses a second :status", () => {
    assert.equal(
      same(checkResponse, [":status", "200", ":status", "200"]),
      'pseudo-header field ":status" is not allowed here',
    );
  });

  for (const [name, value, message] of badFields) {
    it(`refuses ${JSON.stringify([name.slice(0, 8), value])}`, () => {
      assert.equal(same(checkResponse, [":status", "200", "a", "b", name, value]), message);
    });
  }
});

describe("header-validator: trailers", () => {
  it("takes what is right, an empty list too", () => {
    assert.equal(same(checkTrailers, []), undefined);
    assert.equal(same(checkTrailers, ["grpc-status", "0", ...goodFields]), undefined);
  });

  for (const [name, value, message] of badFields) {
    it(`refuses ${JSON.stringify([name.slice(0, 8), value])}`, () => {
      assert.equal(same(checkTrailers, ["a", "b", name, value]), message);
    });
  }
});

describe("header-validator: memory of blocks and names", () => {
  it("does not take a valid request for valid trailers", () => {
    const block = new HeaderBlock(request);
    assert.equal(checkRequest(block), undefined);
    assert.equal(checkTrailers(block), 'pseudo-header field ":method" is not allowed here');
    assert.equal(checkResponse(block), "response does not begin with :status");
  });

  it("does not take valid trailers for a valid request or response", () => {
    const block = new HeaderBlock(["a", "b"]);
    assert.equal(checkTrailers(block), undefined);
    assert.equal(checkRequest(block), shape);
    assert.equal(checkResponse(block), "response does not begin with :status");
  });

  it("checks names beyond those that it remembers", () => {
    for (let i = 0; i < 1000; i++) assert.equal(checkTrailers(new HeaderBlock([`name-${i}`, "v"])), undefined);
    assert.match(checkTrailers(new HeaderBlock(["Name", "v"])) ?? "", /not valid/);
  });
});

describe("header-validator: content-length", () => {
  const values: [Fields, number | undefined][] = [
    [[], -1],
    [["content-length", "0"], 0],
    [["content-length", "999999999999999"], 999999999999999],
    [["content-length", "9999999999999999"], undefined],
    [["content-length", ""], undefined],
    [["content-length", "-1"], undefined],
    [["content-length", "+1"], undefined],
    [["content-length", "1, 1"], undefined],
    [["content-length", "0x10"], undefined],
    [["content-length", "1e3"], undefined],
    [["content-length", "5", "a", "b", "content-length", "5"], 5],
    [["content-length", "5", "content-length", "6"], undefined],
    [["content-length", "0", "content-length", "1"], undefined],
  ];
  for (const [fields, expected] of values) {
    it(`of ${JSON.stringify(fields)} is ${expected}`, () => assert.equal(same(contentLengthOf, fields), expected));
  }
});
