import assert from "node:assert/strict";
import { isStatusCode, StatusCode, statusCodeName } from "../../src/rpc/status-code.js";

describe("rpc/status-code", () => {
  it("has the seventeen codes of statuscodes.md in the order of their numbers", () => {
    assert.deepEqual(Object.keys(StatusCode), [
      ...["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"],
      ...["PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE"],
      ...["UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"],
    ]);
    assert.deepEqual(
      Object.values(StatusCode),
      Array.from({ length: 17 }, (_, i) => i),
    );
  });

  it("names each, and UNKNOWN what is none", () => {
    for (const [name, code] of Object.entries(StatusCode)) assert.equal(statusCodeName(code), name);
    for (const code of [17, -1, 1.5, Number.NaN]) assert.equal(statusCodeName(code as StatusCode), "UNKNOWN");
  });

  it("tells codes from other numbers", () => {
    for (const code of Object.values(StatusCode)) assert.ok(isStatusCode(code));
    for (const code of [17, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, "5", undefined]) {
      assert.ok(!isStatusCode(code as number), String(code));
    }
  });
});
