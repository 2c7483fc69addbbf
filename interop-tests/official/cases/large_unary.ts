import { inTime, type OfficialCase } from "../case.js";
import { assertZeros, largeRequest } from "../payload.js";

/** Messages larger than a window. */
export const largeUnary: OfficialCase = async ({ service }) => {
  const { payload } = await service.unaryCall(largeRequest, inTime);
  assertZeros(payload, largeRequest.responseSize);
};
