import assert from "node:assert/strict";
import { causeWithoutSecrets, withoutSecrets } from "../../src/credentials/secret-text.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";

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

describe("withoutSecrets of a text that is no sentence", () => {
  // Each of these begins what may be a token, as long as the rest: an answer of 256 KiB took half a minute.
  it("looks at its beginning alone", () => {
    const shown = withoutSecrets("-eyJ".repeat(65_536));
    assert.equal(shown.length, 4097);
    assert.ok(shown.endsWith("…"));
  });
});

describe("causeWithoutSecrets", () => {
  const secret = "Bearer abc.def";
  const leaks: readonly (readonly [where: string, cause: unknown])[] = [
    ["in its text", new Error(secret)],
    ["in a field, as HTTP clients keep the request", Object.assign(new Error("401"), { config: { headers: {} } })],
    ["in a field of text", Object.assign(new Error("401"), { url: "https://id.example/?token=abc" })],
    ["in the error behind it", new Error("401", { cause: new Error(secret) })],
    ["in one of several errors", new AggregateError([new Error("a"), new Error(secret)], "401")],
    ["behind a StatusError", new StatusError(StatusCode.UNAVAILABLE, "401", { cause: new Error(secret) })],
    ["in what is no error", { message: "401", authorization: secret }],
    ["behind a getter", Object.defineProperty(new Error("401"), "request", { get: () => secret })],
  ];
  for (const [where, cause] of leaks) {
    it(`gives nothing where there may be a secret ${where}`, () => assert.equal(causeWithoutSecrets(cause), undefined));
  }

  it("gives nothing for errors that lead to each other", () => {
    const error = new Error("a");
    error.cause = new Error("b", { cause: error });
    assert.equal(causeWithoutSecrets(error), undefined);
  });

  it("gives what is harmless as it is", () => {
    const system = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", errno: -111, port: 443 });
    const harmless = [
      new Error("the vault is sealed", { cause: system }),
      new StatusError(StatusCode.UNAVAILABLE, "no answer", { cause: system }),
      new AggregateError([system], "all failed"),
      "the vault is sealed",
    ];
    for (const cause of harmless) assert.equal(causeWithoutSecrets(cause), cause);
  });
});
