import assert from "node:assert/strict";
import { addressName } from "../../src/resolver/endpoint.js";
import { isLocalAddress, parseListenAddress } from "../../src/server/listen-address.js";

describe("server: listen address", () => {
  const tcp = (host: string, port: number) => ({ transport: "tcp", host, port }) as const;
  const good = [
    ["0.0.0.0:50051", tcp("0.0.0.0", 50051), false],
    ["localhost:0", tcp("localhost", 0), true],
    ["127.0.0.1:1", tcp("127.0.0.1", 1), true],
    ["127.1.2.3:1", tcp("127.1.2.3", 1), true],
    ["[::1]:65535", tcp("::1", 65535), true],
    ["[::]:0", tcp("::", 0), false],
    ["127.0.0.1.evil.example:1", tcp("127.0.0.1.evil.example", 1), false],
    ["unix:/run/x.sock", { transport: "unix", path: "/run/x.sock" }, true],
    ["unix:x.sock", { transport: "unix", path: "x.sock" }, true],
    ["unix-abstract:shop", { transport: "unix", path: "\0shop" }, true],
    ["inproc:shop", { transport: "inproc", name: "shop" }, true],
  ] as const;

  for (const [text, address, isLocal] of good) {
    it(`reads and writes ${text}`, () => {
      const parsed = parseListenAddress(text);
      assert.deepEqual(parsed, { kind: "address", address });
      assert.equal(addressName(address), text);
      assert.equal(isLocalAddress(address), isLocal);
    });
  }

  it("reads unix:///path as unix:/path", () => {
    assert.deepEqual(parseListenAddress("unix:///run/x"), {
      kind: "address",
      address: { transport: "unix", path: "/run/x" },
    });
  });

  it("takes a port alone for every address, IPv4 where there is no IPv6", () => {
    assert.deepEqual(parseListenAddress(":7"), {
      kind: "address",
      address: { transport: "tcp", host: "::", port: 7 },
      fallback: { transport: "tcp", host: "0.0.0.0", port: 7 },
    });
  });

  const bad = [
    ["", "expected host:port, :port, [ipv6]:port, unix:path, unix-abstract:name or inproc:name"],
    ["localhost", "expected host:port, :port, [ipv6]:port, unix:path, unix-abstract:name or inproc:name"],
    ["::1:50051", "expected host:port, :port, [ipv6]:port, unix:path, unix-abstract:name or inproc:name"],
    ["localhost:", 'the port is "", expected 0 to 65535'],
    ["localhost:65536", 'the port is "65536", expected 0 to 65535'],
    ["localhost:-1", 'the port is "-1", expected 0 to 65535'],
    ["localhost:http", 'the port is "http", expected 0 to 65535'],
    ["unix:", "the path is empty"],
    ["inproc:", "the name is empty"],
  ] as const;

  for (const [text, problem] of bad) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseListenAddress(text), {
        kind: "error",
        message: `cannot listen on ${JSON.stringify(text)}: ${problem}`,
      });
    });
  }
});
