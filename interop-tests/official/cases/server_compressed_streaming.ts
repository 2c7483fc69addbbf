import assert from "node:assert/strict";
import { inTime, type OfficialCase } from "../case.js";
import { collect } from "../expected-status.js";
import { assertZeros } from "../payload.js";

const responseParameters = [
  { size: 31_415, compressed: { value: true } },
  { size: 92_653, compressed: { value: false } },
];

/** Of one stream the server compresses a message and the next one not. */
export const serverCompressedStreaming: OfficialCase = async ({ service, wasCompressed }) => {
  const responses = await collect(service.streamingOutputCall({ responseParameters }, inTime));
  assert.equal(responses.length, responseParameters.length);
  for (const [i, { size, compressed }] of responseParameters.entries()) {
    const payload = responses[i]?.payload;
    assertZeros(payload, size);
    assert.equal(wasCompressed(payload?.body ?? new Uint8Array()), compressed.value, `message ${i} is compressed`);
  }
};
