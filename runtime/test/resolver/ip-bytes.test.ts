import assert from "node:assert/strict";
import { ipBytes } from "../../src/resolver/ip-bytes.js";

function hex(text: string): string | undefined {
  const bytes = ipBytes(text);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString("hex");
}

describe("ipBytes", () => {
  const known: readonly [string, string][] = [
    ["1.2.3.4", "00000000000000000000ffff01020304"],
    ["::", "00000000000000000000000000000000"],
    ["::1", "00000000000000000000000000000001"],
    ["2001:db8::ff00:42:8329", "20010db8000000000000ff0000428329"],
    ["1:2:3:4:5:6:7:8", "00010002000300040005000600070008"],
    ["fd00::", "fd000000000000000000000000000000"],
    ["::ffff:10.1.2.3", "00000000000000000000ffff0a010203"],
    ["fe80::1%eth0", "fe800000000000000000000000000001"],
  ];
  for (const [text, bytes] of known) it(text, () => assert.equal(hex(text), bytes));

  it("knows what is none", () => {
    for (const text of ["", "localhost", "1.2.3", "1.2.3.256", "::g", "[::1]", "1::2::3"])
      assert.equal(hex(text), undefined);
  });
});
