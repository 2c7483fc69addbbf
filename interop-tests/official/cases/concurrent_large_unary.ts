import { inTime, type OfficialCase } from "../case.js";
import { assertZeros, largeRequest } from "../payload.js";

/** An idea of the document that is no case yet: a thousand at once, by one channel. */
export const concurrentLargeUnary: OfficialCase = async ({ service }) => {
  const call = async (): Promise<void> => {
    const { payload } = await service.unaryCall(largeRequest, { timeoutMs: 4 * (inTime.timeoutMs ?? 0) });
    assertZeros(payload, largeRequest.responseSize);
  };
  await Promise.all(Array.from({ length: 1000 }, call));
};
