import assert from "node:assert/strict";
import { parseHostPort } from "../../src/resolver/host-port.js";

describe("parseHostPort", () => {
  const good: readonly [string, string, number | undefined][] = [
    ["localhost", "localhost", undefined],
    ["localhost:50051", "localhost", 50051],
    ["shop.internal.:443", "shop.internal.", 443],
    ["a_b:1", "a_b", 1],
    ["müller.example:65535", "müller.example", 65535],
    ["127.0.0.1:80", "127.0.0.1", 80],
    ["::1", "::1", undefined],
    ["[::1]", "::1", undefined],
    ["[::1]:50051", "::1", 50051],
    ["[fe80::1%eth0]:7", "fe80::1%eth0", 7],
  ];
  for (const [text, host, port] of good) {
    it(`takes ${text}`, () => assert.deepEqual(parseHostPort(text), { value: { host, port } }));
  }

  const expected = 'expected "host", "host:port" or "[ipv6]:port"';
  const bad: readonly [string, string][] = [
    ["", `host is empty: ${expected}`],
    [":80", `host is empty: ${expected}`],
    ["host:", 'port is "": expected a number from 1 to 65535'],
    ["host:http", 'port is "http": expected a number from 1 to 65535'],
    ["host:0", 'port is "0": expected a number from 1 to 65535'],
    ["host:65536", 'port is "65536": expected a number from 1 to 65535'],
    ["host:-1", 'port is "-1": expected a number from 1 to 65535'],
    ["host: 80", 'port is " 80": expected a number from 1 to 65535'],
    ["host:1:2", `host is "host:1:2": ${expected}`],
    ["a b", `host is "a b": ${expected}`],
    ["a/b", `host is "a/b": ${expected}`],
    ["user@host:80", `host is "user@host": ${expected}`],
    ["[::1", 'host is "[::1": expected an IPv6 address in brackets'],
    ["[host]:80", 'host is "[host]:80": expected an IPv6 address in brackets'],
    ["[::1]80", '"80" stands behind the brackets: expected ":port"'],
    ["[::1]:", 'port is "": expected a number from 1 to 65535'],
  ];
  for (const [text, error] of bad) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.deepEqual(parseHostPort(text), { error }));
  }
});
