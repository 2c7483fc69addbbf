import assert from "node:assert/strict";
import { withoutSecrets } from "../../src/credentials/secret-text.js";

describe("withoutSecrets", () => {
  for (const [text, shown] of [
    ["refused: Bearer abc.def", "refused: Bearer [redacted]"],
    ["sent authorization: basic YTpi, got 401", "sent authorization: basic [redacted], got 401"],
    ["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln is bad", "[redacted] is bad"],
    ['{"access_token":"abc","expires_in":3}', '{"access_token [redacted]","expires_in":3}'],
    ["a?client_secret=abc&b=1", "a?client_secret [redacted]&b=1"],
    ["a?token=abc&b=1", "a?token [redacted]&b=1"],
    ["password: hunter2", "password [redacted]"],
    ["POST https://id.example/token: refused (ECONNREFUSED)", undefined],
    ["no token: no answer", undefined],
    ["the vault is sealed", undefined],
  ] as const) {
    it(`has ${text}`, () => assert.equal(withoutSecrets(text), shown ?? text));
  }
});
