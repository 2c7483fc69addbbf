import assert from "node:assert/strict";
import { connectionError, ErrorCode, errorCodeName, streamError } from "../../src/http2/error-code.js";
import { codeName } from "../support/frames.js";

describe("error-code", () => {
  it("has the codes of RFC 9113 §7 and names them", () => {
    assert.deepEqual(
      Object.values(ErrorCode),
      Array.from({ length: 14 }, (_, code) => code),
    );
    for (const code of Object.values(ErrorCode)) assert.equal(errorCodeName(code), codeName(code));
    assert.equal(errorCodeName(14), "0xe");
    assert.equal(errorCodeName(0xffffffff), "0xffffffff");
  });

  it("says what a violation ends", () => {
    assert.deepEqual(connectionError(1, "a"), { scope: "connection", code: 1, message: "a" });
    assert.deepEqual(streamError(8, "b"), { scope: "stream", code: 8, message: "b" });
  });
});
