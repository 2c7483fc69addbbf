import assert from "node:assert/strict";
import { inTime, type OfficialCase } from "../case.js";
import { assertZeros, largeRequest } from "../payload.js";

/** The server compresses a response when it is asked to, and does not when it is not. */
export const serverCompressedUnary: OfficialCase = async ({ service, wasCompressed }) => {
  for (const value of [true, false]) {
    const { payload } = await service.unaryCall({ ...largeRequest, responseCompressed: { value } }, inTime);
    assertZeros(payload, largeRequest.responseSize);
    assert.equal(wasCompressed(payload?.body ?? new Uint8Array()), value, `compressed, asked for ${value}`);
  }
};
