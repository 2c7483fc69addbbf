import assert from "node:assert/strict";
import { parseSpiffeId } from "../../../src/credentials/spiffe/spiffe-id.js";

describe("SPIFFE ID", () => {
  it("has a trust domain and a path", () => {
    const good: readonly [string, string, string][] = [
      ["spiffe://prod.example/shop/cart", "prod.example", "/shop/cart"],
      ["spiffe://prod.example", "prod.example", ""],
      ["spiffe://a_b-c.0/A.b_c-9", "a_b-c.0", "/A.b_c-9"],
      ["spiffe://__proto__/x", "__proto__", "/x"],
      [`spiffe://${"a".repeat(255)}/x`, "a".repeat(255), "/x"],
      ["spiffe://d/...", "d", "/..."],
    ];
    for (const [text, trustDomain, path] of good) {
      assert.deepEqual(parseSpiffeId(text), { value: { trustDomain, path } }, text);
    }
  });

  it("is refused when anything could be read in two ways", () => {
    const domain = "has a trust domain with characters other than a-z, 0-9, dot, dash and underscore";
    const path = "has a path with characters other than letters, digits, dot, dash and underscore";
    const bad: readonly [string, string][] = [
      ["", "does not begin with spiffe://"],
      ["https://prod.example/shop", "does not begin with spiffe://"],
      ["SPIFFE://prod.example/shop", "does not begin with spiffe://"],
      [" spiffe://prod.example/shop", "does not begin with spiffe://"],
      ["spiffe:/prod.example/shop", "does not begin with spiffe://"],
      ["spiffe://", "has no trust domain"],
      ["spiffe:///shop", "has no trust domain"],
      ["spiffe://Prod.example/shop", domain],
      ["spiffe://prod.example:443/shop", domain],
      ["spiffe://user@prod.example/shop", domain],
      ["spiffe://prod.example?x", domain],
      ["spiffe://prod.example#x", domain],
      ["spiffe://prod%2eexample/shop", domain],
      ["spiffe://prod.example\n/shop", domain],
      ["spiffe://prod.example\0.evil/shop", domain],
      ["spiffe://прод/shop", domain],
      ["spiffe://prod.example\\shop", domain],
      [`spiffe://${"a".repeat(256)}/x`, "has a trust domain of 256 characters, limit 255"],
      ["spiffe://prod.example/", "has an empty segment in its path"],
      ["spiffe://prod.example/shop/", "has an empty segment in its path"],
      ["spiffe://prod.example//shop", "has an empty segment in its path"],
      ["spiffe://prod.example/a/../b", "has a relative segment in its path"],
      ["spiffe://prod.example/.", "has a relative segment in its path"],
      ["spiffe://prod.example/a%2fb", path],
      ["spiffe://prod.example/a?b", path],
      ["spiffe://prod.example/a#b", path],
      ["spiffe://prod.example/a b", path],
      ["spiffe://prod.example/a\n", path],
      ["spiffe://prod.example/é", path],
      [`spiffe://d/${"a".repeat(2048)}`, "is 2059 characters long, limit 2048"],
    ];
    for (const [text, error] of bad) assert.deepEqual(parseSpiffeId(text), { error }, JSON.stringify(text));
  });
});
