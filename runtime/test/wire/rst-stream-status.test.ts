import assert from "node:assert/strict";
import { ErrorCode } from "../../src/http2/error-code.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { resetCodeOf, statusOfReset } from "../../src/wire/rst-stream-status.js";

describe("wire/rst-stream-status", () => {
  const rows: [name: keyof typeof ErrorCode, code: StatusCode, meaning: string][] = [
    ["NO_ERROR", StatusCode.INTERNAL, ": expected a grpc-status before the end"],
    ["PROTOCOL_ERROR", StatusCode.INTERNAL, ""],
    ["INTERNAL_ERROR", StatusCode.INTERNAL, ""],
    ["FLOW_CONTROL_ERROR", StatusCode.INTERNAL, ""],
    ["SETTINGS_TIMEOUT", StatusCode.INTERNAL, ""],
    ["STREAM_CLOSED", StatusCode.INTERNAL, ""],
    ["FRAME_SIZE_ERROR", StatusCode.INTERNAL, ""],
    ["REFUSED_STREAM", StatusCode.UNAVAILABLE, ": the call was not processed"],
    ["CANCEL", StatusCode.CANCELLED, ""],
    ["COMPRESSION_ERROR", StatusCode.INTERNAL, ""],
    ["CONNECT_ERROR", StatusCode.INTERNAL, ""],
    ["ENHANCE_YOUR_CALM", StatusCode.RESOURCE_EXHAUSTED, ": the bandwidth that is granted has been used up"],
    ["INADEQUATE_SECURITY", StatusCode.PERMISSION_DENIED, ": the connection is not secure enough for the call"],
    ["HTTP_1_1_REQUIRED", StatusCode.INTERNAL, ""],
  ];

  it("has a row for each code of RFC 9113", () => {
    assert.deepEqual(
      rows.map(([name]) => name),
      Object.keys(ErrorCode),
    );
  });

  for (const [name, code, meaning] of rows) {
    it(`takes ${name} as ${code}`, () => {
      const number = ErrorCode[name];
      assert.deepEqual(statusOfReset(number, "remote"), {
        code,
        message: `peer reset the stream with ${name} (${number})${meaning}`,
      });
      assert.deepEqual(statusOfReset(number, "local", "why it was"), {
        code,
        message: `stream was reset by this side with ${name} (${number}): why it was`,
      });
    });
  }

  it("takes codes that RFC 9113 does not know as INTERNAL", () => {
    for (const code of [0xe, 0xff, 0xffff_ffff]) {
      assert.deepEqual(statusOfReset(code, "remote"), {
        code: StatusCode.INTERNAL,
        message: `peer reset the stream with 0x${code.toString(16)} (an unknown code)`,
      });
    }
  });

  it("resets a call of ours with CANCEL, unless its messages are corrupt or it is done", () => {
    for (const code of Object.values(StatusCode)) {
      const expected =
        code === StatusCode.OK
          ? ErrorCode.NO_ERROR
          : code === StatusCode.INTERNAL
            ? ErrorCode.INTERNAL_ERROR
            : ErrorCode.CANCEL;
      assert.equal(resetCodeOf(code), expected, `status ${code}`);
    }
  });
});
