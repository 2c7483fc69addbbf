import assert from "node:assert/strict";
import { encodeAuthority, endpointName, parseTarget } from "../../src/resolver/target.js";

const schemes = new Set(["dns", "ipv4", "ipv6", "unix", "unix-abstract", "inproc", "passthrough", "etcd"]);
const parse = (text: string) => parseTarget(text, (scheme) => schemes.has(scheme));

describe("parseTarget", () => {
  const good: readonly [text: string, scheme: string, authority: string, path: string, query?: string][] = [
    ["localhost", "dns", "", "localhost"],
    ["localhost:50051", "dns", "", "localhost:50051"],
    ["127.0.0.1:50051", "dns", "", "127.0.0.1:50051"],
    ["[::1]:50051", "dns", "", "[::1]:50051"],
    ["::1", "dns", "", "::1"],
    ["/a/b", "dns", "", "/a/b"],
    ["dns:shop:443", "dns", "", "shop:443"],
    ["DNS:shop", "dns", "", "shop"],
    ["dns:///shop.internal:443", "dns", "", "/shop.internal:443"],
    ["dns:/shop", "dns", "", "/shop"],
    ["dns://8.8.8.8/shop", "dns", "8.8.8.8", "/shop"],
    ["dns://8.8.8.8:53/shop:1", "dns", "8.8.8.8:53", "/shop:1"],
    ["dns:", "dns", "", ""],
    ["dns://", "dns", "", ""],
    ["unix:run/x.sock", "unix", "", "run/x.sock"],
    ["unix:/run/x.sock", "unix", "", "/run/x.sock"],
    ["unix:///run/x.sock", "unix", "", "/run/x.sock"],
    ["unix://run/x.sock", "unix", "run", "/x.sock"],
    ["unix:/run/a%20b%3F.sock", "unix", "", "/run/a b?.sock"],
    ["unix-abstract:name", "unix-abstract", "", "name"],
    ["ipv4:1.2.3.4:50,5.6.7.8", "ipv4", "", "1.2.3.4:50,5.6.7.8"],
    ["ipv6:[::1]:50", "ipv6", "", "[::1]:50"],
    ["inproc:name", "inproc", "", "name"],
    ["passthrough:///x", "passthrough", "", "/x"],
    ["etcd:///shop?endpoints=a:1,b:2#part", "etcd", "", "/shop", "endpoints=a:1,b:2"],
    ["etcd:///shop#part?no", "etcd", "", "/shop"],
    ["unknown:name", "dns", "", "unknown:name"],
    ["a%20b", "dns", "", "a%20b"],
  ];
  for (const [text, scheme, authority, path, query = ""] of good) {
    it(`takes ${text} apart`, () => {
      assert.deepEqual(parse(text), { value: { text, scheme, authority, path, query } });
    });
  }

  const percent = 'a "%" is not followed by two hexadecimal digits of valid UTF-8';
  const bad: readonly [string, string][] = [
    ["", 'target "" is not valid: it is empty: expected "host:port" or "scheme:name"'],
    ["foo://bar/x", 'target "foo://bar/x" is not valid: scheme "foo" is not known, and it is not a DNS name either'],
    ["://x", 'target "://x" is not valid: scheme "" is not known, and it is not a DNS name either'],
    ["dns:///a%zz", `target "dns:///a%zz" is not valid: ${percent}`],
    ["dns:///a%ff", `target "dns:///a%ff" is not valid: ${percent}`],
    ["dns://%/a", `target "dns://%/a" is not valid: ${percent}`],
  ];
  for (const [text, error] of bad) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.deepEqual(parse(text), { error }));
  }
});

describe("endpointName", () => {
  it("is the path without its first slash", () => {
    const target = { text: "", scheme: "dns", authority: "", query: "" };
    assert.equal(endpointName({ ...target, path: "/a" }), "a");
    assert.equal(endpointName({ ...target, path: "a" }), "a");
    assert.equal(endpointName({ ...target, path: "//a" }), "/a");
  });
});

describe("encodeAuthority", () => {
  it("encodes what RFC 3986 §3.2 does not allow", () => {
    assert.equal(encodeAuthority("shop.internal:443"), "shop.internal:443");
    assert.equal(encodeAuthority("[::1]:443"), "[::1]:443");
    assert.equal(encodeAuthority("a/b c%ü"), "a%2Fb%20c%25%C3%BC");
    assert.equal(encodeAuthority("\ud800"), "%EF%BF%BD");
  });
});
