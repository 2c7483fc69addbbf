import assert from "node:assert/strict";
import { isIPv4, isIPv6 } from "node:net";
import { isIpv4, isIpv6 } from "../../src/resolver/ip-literal.js";

const texts = [
  ...[
    "0.0.0.0",
    "127.0.0.1",
    "255.255.255.255",
    "1.2.3",
    "1.2.3.4.",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1..2.3",
    "",
  ],
  ...["1.2.3.4 ", "a.b.c.d", "1.2.3.-4", "0x1.2.3.4", "1.2.3.04"],
  ...["::", "::1", "1::", "1::8", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::1::", "1:::2", ":", ":1"],
  ...[
    "1:",
    "12345::",
    "g::",
    "2001:db8::ff00:42:8329",
    "::ffff:1.2.3.4",
    "1:2:3:4:5:6:1.2.3.4",
    "1.2.3.4::",
    "::1.2.3",
  ],
  ...[
    "1:2:3:4:5:6:7::",
    "::2:3:4:5:6:7:8",
    "1::3:4:5:6:7:8",
    "1:2:3:4:5:6:7:1.2.3.4",
    "fe80::1%eth0",
    "fe80::1%",
    "[::1]",
  ],
];

describe("isIpv4, isIpv6", () => {
  for (const text of texts) {
    it(`know what ${JSON.stringify(text)} is`, () => {
      assert.equal(isIpv4(text), isIPv4(text));
      assert.equal(isIpv6(text), isIPv6(text));
    });
  }
});
