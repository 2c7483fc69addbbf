import assert from "node:assert/strict";
import { inTime, type OfficialCase } from "../case.js";
import { collect } from "../expected-status.js";
import { assertZeros, responseSizes } from "../payload.js";

export const serverStreaming: OfficialCase = async ({ service }) => {
  const responseParameters = responseSizes.map((size) => ({ size }));
  const responses = await collect(service.streamingOutputCall({ responseParameters }, inTime));
  assert.equal(responses.length, responseSizes.length);
  for (const [i, { payload }] of responses.entries()) assertZeros(payload, responseSizes[i] ?? -1);
};
