import assert from "node:assert/strict";
import { StatusCode } from "godwit";
import { inTime, type OfficialCase } from "../case.js";
import { collect, failure } from "../expected-status.js";

const responseStatus = { code: StatusCode.UNKNOWN, message: "test status message" };

export const statusCodeAndMessage: OfficialCase = async ({ service }) => {
  const unary = await failure(service.unaryCall({ responseStatus }, inTime), StatusCode.UNKNOWN);
  assert.equal(unary.statusMessage, responseStatus.message);
  const call = collect(service.fullDuplexCall([{ responseStatus }], inTime));
  assert.equal((await failure(call, StatusCode.UNKNOWN)).statusMessage, responseStatus.message);
};
