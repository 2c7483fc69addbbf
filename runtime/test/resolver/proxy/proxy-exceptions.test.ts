import assert from "node:assert/strict";
import { ProxyExceptions } from "../../../src/resolver/proxy/proxy-exceptions.js";

/** The hosts that a list excepts, out of `host` or `host:port`; the port is 443 where there is none. */
function excepted(list: string, ...hosts: string[]): string[] {
  const exceptions = new ProxyExceptions(list);
  return hosts.filter((text) => {
    const match = /^(.*?)(?:@(\d+))?$/.exec(text);
    return exceptions.has(match?.[1] ?? "", Number(match?.[2] ?? 443));
  });
}

describe("ProxyExceptions", () => {
  it("of nothing are none", () => {
    for (const list of ["", " ", ",,", "not/a/range", "10.0.0.0/33", "::/129", "1.2.3.4/x", "[::1"]) {
      assert.deepEqual(excepted(list, "a", "10.0.0.1", "1.2.3.4", "::1", ""), [], list);
    }
  });

  it("name a host and those below it", () => {
    const hosts = ["example.com", "a.example.com", "a.b.EXAMPLE.com.", "notexample.com", "example.com.evil.org", "com"];
    assert.deepEqual(excepted("example.com", ...hosts), ["example.com", "a.example.com", "a.b.EXAMPLE.com."]);
    assert.deepEqual(excepted("EXAMPLE.com", ...hosts), ["example.com", "a.example.com", "a.b.EXAMPLE.com."]);
  });

  it("name those below it alone with a dot in front", () => {
    const hosts = ["example.com", "a.example.com", "notexample.com"];
    assert.deepEqual(excepted(".example.com", ...hosts), ["a.example.com"]);
    assert.deepEqual(excepted("*.example.com", ...hosts), ["a.example.com"]);
  });

  it("name one port", () => {
    assert.deepEqual(excepted("a.org:8080", "a.org", "a.org@8080", "b.a.org@8080"), ["a.org@8080", "b.a.org@8080"]);
    assert.deepEqual(excepted("10.0.0.1:8080", "10.0.0.1", "10.0.0.1@8080"), ["10.0.0.1@8080"]);
    assert.deepEqual(excepted("[::1]:8080", "::1", "::1@8080"), ["::1@8080"]);
  });

  it("name addresses, however they are written", () => {
    assert.deepEqual(excepted("10.0.0.1", "10.0.0.1", "::ffff:10.0.0.1", "10.0.0.10"), ["10.0.0.1", "::ffff:10.0.0.1"]);
    assert.deepEqual(excepted("FD00::1", "fd00:0:0::1", "fd00::2"), ["fd00:0:0::1"]);
    assert.deepEqual(excepted("[fd00::1]", "fd00::1"), ["fd00::1"]);
  });

  it("name ranges, to the bit", () => {
    const hosts = ["10.127.255.255", "10.128.0.0", "11.0.0.0", "9.255.255.255", "a.org"];
    assert.deepEqual(excepted("10.0.0.0/8", ...hosts), ["10.127.255.255", "10.128.0.0"]);
    assert.deepEqual(excepted("10.0.0.0/9", ...hosts), ["10.127.255.255"]);
    assert.deepEqual(excepted("10.128.0.0/32", ...hosts), ["10.128.0.0"]);
    assert.deepEqual(excepted("0.0.0.0/0", ...hosts, "::1"), hosts.slice(0, 4));
    assert.deepEqual(excepted("fd00::/7", "fc00::1", "fdff::", "fe00::"), ["fc00::1", "fdff::"]);
    assert.deepEqual(excepted("::/0", "::1", "10.0.0.1"), ["::1", "10.0.0.1"]);
  });

  it("of a star are all", () => {
    assert.deepEqual(excepted("a.org,*", "b.org", "::1"), ["b.org", "::1"]);
  });

  it("are parted by commas and blanks", () => {
    assert.deepEqual(excepted(" a.org ,b.org\tc.org,", "a.org", "b.org", "c.org", "d.org"), [
      "a.org",
      "b.org",
      "c.org",
    ]);
  });
});
