import assert from "node:assert/strict";
import { addressKey } from "../../src/resolver/endpoint.js";

describe("addressKey", () => {
  it("tells addresses apart by whom they are said to lead to, whatever a path says", () => {
    const keys = [
      addressKey({ transport: "unix", path: "/a" }),
      addressKey({ transport: "unix", path: "/a", serverName: "spiffe://d/x" }),
      addressKey({ transport: "unix", path: "/a as spiffe://d/x" }),
      addressKey({ transport: "unix", path: "/a as b", serverName: "c" }),
      addressKey({ transport: "unix", path: "/a", serverName: "b as c" }),
    ];
    assert.equal(new Set(keys).size, keys.length);
  });
});
