import assert from "node:assert/strict";
import { ipUri } from "../../src/net/peer-address.js";

describe("ipUri", () => {
  const cases: readonly [string, number, string][] = [
    ["127.0.0.1", 50051, "ipv4:127.0.0.1:50051"],
    ["::1", 50051, "ipv6:[::1]:50051"],
    ["::ffff:10.1.2.3", 1, "ipv4:10.1.2.3:1"],
    ["::ffff:0:1", 1, "ipv6:[::ffff:0:1]:1"],
    ["fe80::1%eth0", 1, "ipv6:[fe80::1%25eth0]:1"],
  ];
  for (const [host, port, uri] of cases) it(uri, () => assert.equal(ipUri(host, port), uri));
});
