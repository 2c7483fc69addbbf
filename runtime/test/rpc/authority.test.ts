import assert from "node:assert/strict";
import { authorityProblem, hostOfAuthority } from "../../src/rpc/authority.js";

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

describe("hostOfAuthority", () => {
  const cases = [
    ["shop.internal", "shop.internal"],
    ["shop.internal:443", "shop.internal"],
    ["10.0.0.1:443", "10.0.0.1"],
    ["[::1]:443", "::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["::1", "::1"],
    ["user@host:443", "user@host"],
    ["a:b:443", "a:b:443"],
    ["[::1", "[::1"],
    ["[::1]x", "[::1]x"],
    ["host:port", "host:port"],
  ] as const;
  for (const [authority, host] of cases) {
    it(`of ${authority} is ${host}`, () => assert.equal(hostOfAuthority(authority), host));
  }
});
