import assert from "node:assert/strict";
import { inTime, type OfficialCase } from "../case.js";
import { requestSizes, zeros } from "../payload.js";

export const clientStreaming: OfficialCase = async ({ service }) => {
  const requests = requestSizes.map((size) => ({ payload: zeros(size) }));
  const { aggregatedPayloadSize } = await service.streamingInputCall(requests, inTime);
  assert.equal(aggregatedPayloadSize, 74_922);
};
