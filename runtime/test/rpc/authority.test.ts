import assert from "node:assert/strict";
import { authorityProblem } from "../../src/rpc/authority.js";

describe("authorityProblem", () => {
  for (const authority of ["shop.internal", "localhost:50051", "[::1]:443", "a%2Fb", "user@host"]) {
    it(`takes ${authority}`, () => assert.equal(authorityProblem(authority), undefined));
  }

  for (const authority of ["", "a b", "a/b", "☃", "a\r\nb"]) {
    it(`refuses ${JSON.stringify(authority)}`, () => {
      const expected = `authority is ${JSON.stringify(authority)}, expected "host" or "host:port" (RFC 3986 §3.2)`;
      assert.equal(authorityProblem(authority), expected);
    });
  }
});
