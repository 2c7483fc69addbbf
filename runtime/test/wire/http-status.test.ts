import assert from "node:assert/strict";
import { StatusCode } from "../../src/rpc/status-code.js";
import { codeOfHttpStatus, statusOfHttp } from "../../src/wire/http-status.js";

describe("wire/http-status", () => {
  const table: Record<number, StatusCode> = {
    400: StatusCode.INTERNAL,
    401: StatusCode.UNAUTHENTICATED,
    403: StatusCode.PERMISSION_DENIED,
    404: StatusCode.UNIMPLEMENTED,
    429: StatusCode.UNAVAILABLE,
    502: StatusCode.UNAVAILABLE,
    503: StatusCode.UNAVAILABLE,
    504: StatusCode.UNAVAILABLE,
  };

  it("maps every HTTP status as http-grpc-status-mapping.md does, 431 as connectconformance wants it", () => {
    for (let status = 100; status < 1000; status++) {
      const expected = table[status] ?? StatusCode.UNKNOWN;
      assert.equal(codeOfHttpStatus(status), expected, `HTTP ${status}`);
      assert.equal(statusOfHttp(String(status), undefined).code, expected, `HTTP ${status}`);
    }
  });

  it("says what came", () => {
    const expected = "and no grpc-status, expected HTTP status 200 with application/grpc";
    assert.equal(
      statusOfHttp("503", "text/html").message,
      `server answered HTTP status 503 (Service Unavailable) with content-type "text/html" ${expected}`,
    );
    assert.equal(
      statusOfHttp("200", undefined).message,
      `server answered HTTP status 200 (OK) with no content-type ${expected}`,
    );
    assert.equal(
      statusOfHttp("418", "a".repeat(100)).message,
      `server answered HTTP status 418 with content-type "${"a".repeat(64)}..." ${expected}`,
    );
  });

  it("takes a missing or malformed :status as INTERNAL", () => {
    for (const value of ["", "2000", "20", "abc", "099", "-20", "2e2", " 200", "200 "]) {
      assert.deepEqual(statusOfHttp(value, "x"), {
        code: StatusCode.INTERNAL,
        message: `:status of the response is ${JSON.stringify(value)}, expected three digits`,
        delivery: "unknown",
      });
    }
    assert.equal(statusOfHttp(undefined, "x").message, ":status of the response is missing, expected three digits");
  });
});
