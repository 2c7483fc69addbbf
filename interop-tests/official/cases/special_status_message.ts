import assert from "node:assert/strict";
import { StatusCode } from "godwit";
import { inTime, type OfficialCase } from "../case.js";
import { failure } from "../expected-status.js";

const message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";

/** A message that is not what a header field may hold. */
export const specialStatusMessage: OfficialCase = async ({ service }) => {
  const responseStatus = { code: StatusCode.UNKNOWN, message };
  const { statusMessage } = await failure(service.unaryCall({ responseStatus }, inTime), StatusCode.UNKNOWN);
  assert.equal(statusMessage, message);
};
