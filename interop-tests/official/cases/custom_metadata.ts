import assert from "node:assert/strict";
import { CallInfo } from "godwit";
import { inTime, type OfficialCase } from "../case.js";
import { echoInitial, echoTrailing } from "../echoed-metadata.js";
import { collect } from "../expected-status.js";
import { assertZeros, largeRequest } from "../payload.js";

const metadata = { [echoInitial]: "test_initial_metadata_value", [echoTrailing]: Uint8Array.of(0xab, 0xab, 0xab) };

function assertEchoed({ headers, trailers }: CallInfo): void {
  assert.deepEqual(headers.getAll(echoInitial), [metadata[echoInitial]]);
  assert.deepEqual(
    trailers.getAll(echoTrailing).map((value) => Buffer.from(value as Uint8Array).toString("hex")),
    ["ababab"],
  );
}

/** Text comes back in the headers and bytes in the trailers, of a single response and of a stream. */
export const customMetadata: OfficialCase = async ({ service }) => {
  const unary = new CallInfo();
  const { payload } = await service.unaryCall(largeRequest, { ...inTime, metadata, info: unary });
  assertZeros(payload, largeRequest.responseSize);
  assertEchoed(unary);
  const streaming = new CallInfo();
  const request = { responseParameters: [{ size: largeRequest.responseSize }], payload: largeRequest.payload };
  const responses = await collect(service.fullDuplexCall([request], { ...inTime, metadata, info: streaming }));
  assert.equal(responses.length, 1);
  assertZeros(responses[0]?.payload, largeRequest.responseSize);
  assertEchoed(streaming);
};
