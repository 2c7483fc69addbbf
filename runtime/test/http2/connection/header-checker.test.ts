import assert from "node:assert/strict";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { HeaderChecker } from "../../../src/http2/connection/header-checker.js";
import { checkRequest, checkResponse, checkTrailers } from "../../../src/http2/connection/header-validator.js";

const request = [":method", "POST", ":scheme", "http", ":path", "/s/m"];

/** A checker of requests that counts how often it looks at a whole block. */
function counting(): { readonly checker: HeaderChecker; readonly looks: () => number } {
  let looks = 0;
  const checker = new HeaderChecker((block) => {
    looks += 1;
    return checkRequest(block);
  });
  return { checker, looks: () => looks };
}

/** Checks a block twice: what is remembered must not change the answer. */
function twice(checker: HeaderChecker, block: HeaderBlock): [string | undefined, number | undefined] {
  const problem = checker.check(block);
  const length = checker.contentLength;
  assert.equal(checker.check(block), problem);
  if (problem === undefined) assert.equal(checker.contentLength, length);
  return [problem, length];
}

describe("HeaderChecker", () => {
  it("looks once at a block that comes again and again", () => {
    const { checker, looks } = counting();
    const block = new HeaderBlock(request);
    for (let i = 0; i < 10; i++) assert.equal(checker.check(block), undefined);
    assert.equal(looks(), 1);
    assert.equal(checker.contentLength, -1);
  });

  it("looks once at a beginning that many blocks share", () => {
    const { checker, looks } = counting();
    const prefix = new HeaderBlock(request);
    for (let i = 0; i < 10; i++) {
      assert.equal(checker.check(new HeaderBlock(["grpc-timeout", `${i}S`], prefix)), undefined);
    }
    assert.equal(looks(), 1);
  });

  it("finds what is wrong behind a beginning that it knows", () => {
    const { checker } = counting();
    const prefix = new HeaderBlock(request);
    assert.deepEqual(twice(checker, new HeaderBlock(["a", "b"], prefix)), [undefined, -1]);
    for (const [tail, message] of [
      [["A", "b"], 'header field name "A" is not valid: expected a token in lower case'],
      [["a", "b\n"], 'value of header field "a" holds a forbidden character'],
      [[":path", "/x"], "request must have :method, :scheme and :path once each and :authority at most once"],
    ] as const) {
      assert.deepEqual(twice(checker, new HeaderBlock(tail, prefix))[0], message);
    }
  });

  it("finds the content-length wherever it stands", () => {
    const { checker } = counting();
    const prefix = new HeaderBlock(request);
    const withLength = new HeaderBlock([...request, "content-length", "5"]);
    assert.deepEqual(twice(checker, withLength), [undefined, 5]);
    assert.deepEqual(twice(checker, new HeaderBlock(["content-length", "7"], prefix)), [undefined, 7]);
    assert.deepEqual(twice(checker, new HeaderBlock(["a", "b"], withLength)), [undefined, 5]);
    assert.deepEqual(twice(checker, new HeaderBlock(["content-length", "6"], withLength)), [undefined, undefined]);
    assert.deepEqual(twice(checker, new HeaderBlock(["content-length", "x"])), [
      "request must have :method, :scheme and :path once each and :authority at most once",
      -1,
    ]);
    assert.deepEqual(twice(checker, prefix), [undefined, -1]);
  });

  it("takes a beginning that is no request by itself together with what follows", () => {
    const { checker } = counting();
    const prefix = new HeaderBlock(request.slice(0, 4));
    assert.deepEqual(twice(checker, new HeaderBlock([...request.slice(4), "a", "b"], prefix)), [undefined, -1]);
    assert.match(twice(checker, new HeaderBlock(["a", "b"], prefix))[0] ?? "", /^request must have/);
  });

  it("takes a pseudo-header field behind a beginning that is a request by itself", () => {
    const { checker } = counting();
    const prefix = new HeaderBlock(request);
    for (const tenant of ["a", "b", "c"]) {
      const block = new HeaderBlock([":authority", tenant, "te", "trailers"], prefix);
      assert.deepEqual(twice(checker, block), [undefined, -1]);
    }
    const wrong = new HeaderBlock(["te", "trailers", ":authority", "late"], prefix);
    assert.deepEqual(twice(checker, wrong)[0], 'pseudo-header field ":authority" is not allowed here');
  });

  it("is right about any number of blocks, and keeps no large ones", () => {
    const { checker, looks } = counting();
    const blocks = Array.from({ length: 50 }, (_, i) => new HeaderBlock([...request, "n", String(i)]));
    for (const block of [...blocks, ...blocks]) assert.equal(checker.check(block), undefined);
    assert.equal(looks(), 100, "50 are more than it keeps");
    const large = new HeaderBlock([...request, "x", "y".repeat(3000)]);
    assert.deepEqual(twice(checker, large), [undefined, -1]);
    assert.deepEqual(twice(checker, new HeaderBlock(["a", "b"], large)), [undefined, -1]);
    assert.equal(looks(), 104);
  });

  it("checks responses and trailers too", () => {
    const responses = new HeaderChecker(checkResponse);
    assert.deepEqual(twice(responses, new HeaderBlock(["a", "b"], new HeaderBlock([":status", "200"]))), [
      undefined,
      -1,
    ]);
    assert.equal(twice(responses, new HeaderBlock(["a", "b"]))[0], "response does not begin with :status");
    const trailers = new HeaderChecker(checkTrailers);
    assert.deepEqual(twice(trailers, new HeaderBlock([])), [undefined, -1]);
    assert.deepEqual(twice(trailers, new HeaderBlock(["grpc-status", "0"])), [undefined, -1]);
  });
});
