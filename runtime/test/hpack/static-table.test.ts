import assert from "node:assert/strict";
import { staticNames, staticNameTable, staticTableLength, staticValues } from "../../src/hpack/static-table.js";

describe("hpack static table", () => {
  it("has the entries of RFC 7541 Appendix A where it says", () => {
    assert.equal(staticNames.length, staticTableLength + 1);
    assert.equal(staticValues.length, staticTableLength + 1);
    const published: [index: number, name: string, value: string][] = [
      [1, ":authority", ""],
      [2, ":method", "GET"],
      [3, ":method", "POST"],
      [4, ":path", "/"],
      [5, ":path", "/index.html"],
      [6, ":scheme", "http"],
      [7, ":scheme", "https"],
      [8, ":status", "200"],
      [9, ":status", "204"],
      [10, ":status", "206"],
      [11, ":status", "304"],
      [12, ":status", "400"],
      [13, ":status", "404"],
      [14, ":status", "500"],
      [15, "accept-charset", ""],
      [16, "accept-encoding", "gzip, deflate"],
      [17, "accept-language", ""],
      [20, "access-control-allow-origin", ""],
      [23, "authorization", ""],
      [28, "content-length", ""],
      [31, "content-type", ""],
      [32, "cookie", ""],
      [38, "host", ""],
      [46, "location", ""],
      [49, "proxy-authorization", ""],
      [55, "set-cookie", ""],
      [58, "user-agent", ""],
      [61, "www-authenticate", ""],
    ];
    for (const [index, name, value] of published) {
      assert.deepEqual([staticNames[index], staticValues[index]], [name, value], `index ${index}`);
    }
  });

  it("finds each entry by name and value, and each name at its first index", () => {
    for (let index = 1; index <= staticTableLength; index++) {
      const name = staticNames[index] as string;
      const entry = staticNameTable.get(name);
      assert.equal(entry?.values.get(staticValues[index] as string), index);
      assert.equal(entry?.index, staticNames.indexOf(name));
    }
    assert.equal(staticNameTable.size, 52);
    assert.equal(staticNameTable.get(""), undefined);
  });

  it("is in alphabetical order from index 15 on, so that no entry is out of place", () => {
    const names = staticNames.slice(15).filter((name) => name !== "accept");
    assert.deepEqual(names, [...names].sort());
  });
});
