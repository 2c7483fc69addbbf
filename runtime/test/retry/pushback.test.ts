import assert from "node:assert/strict";
import { HeaderBlock } from "../../src/hpack/header-block.js";
import { pushbackOf } from "../../src/retry/pushback.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { parseTrailers } from "../../src/wire/trailers.js";

/** What trailers with these values of grpc-retry-pushback-ms ask for. */
function asked(...values: string[]) {
  const fields = ["grpc-status", "14", ...values.flatMap((value) => ["grpc-retry-pushback-ms", value])];
  return pushbackOf(parseTrailers(new HeaderBlock(fields)));
}

describe("pushback (gRFC A6)", () => {
  it("is none without the field", () => {
    assert.deepEqual(asked(), { kind: "none" });
  });

  it("is a number of milliseconds", () => {
    assert.deepEqual(asked("0"), { kind: "after", delayMs: 0 });
    assert.deepEqual(asked("1500"), { kind: "after", delayMs: 1500 });
    assert.deepEqual(asked("2147483647"), { kind: "after", delayMs: 2147483647 });
  });

  for (const bad of [
    "-1",
    "-0",
    "",
    " 5",
    "5 ",
    "05",
    "00",
    "1.5",
    "1e3",
    "0x10",
    "+5",
    "2147483648",
    "99999999999",
    "x",
  ]) {
    it(`vector 1: bad pushback: ${JSON.stringify(bad)} stops`, () => {
      assert.deepEqual(asked(bad), { kind: "stop" });
    });
  }

  it("stops when there are several values, though each is good", () => {
    assert.deepEqual(asked("5", "5"), { kind: "stop" });
    assert.deepEqual(asked("-1", "5"), { kind: "stop" });
  });

  it("takes whatever a handler of this process gives", () => {
    const status = { code: StatusCode.UNAVAILABLE, message: "" };
    for (const retryPushbackMs of [Number.NaN, -3, Number.POSITIVE_INFINITY]) {
      assert.deepEqual(pushbackOf({ ...status, retryPushbackMs }), { kind: "stop" });
    }
  });
});
