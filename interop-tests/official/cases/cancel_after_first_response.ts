import assert from "node:assert/strict";
import { pushable, StatusCode } from "godwit";
import type { StreamingOutputCallRequestInit } from "../../gen/grpc/testing/test_godwit.js";
import { inTime, type OfficialCase } from "../case.js";
import { failure } from "../expected-status.js";
import { assertZeros, zeros } from "../payload.js";

export const cancelAfterFirstResponse: OfficialCase = async ({ service }) => {
  const controller = new AbortController();
  const requests = pushable<StreamingOutputCallRequestInit>();
  void requests.write({ responseParameters: [{ size: 31_415 }], payload: zeros(27_182) });
  let responses = 0;
  const call = async (): Promise<void> => {
    for await (const { payload } of service.fullDuplexCall(requests, { ...inTime, signal: controller.signal })) {
      assertZeros(payload, 31_415);
      responses++;
      controller.abort();
    }
  };
  await failure(call(), StatusCode.CANCELLED);
  assert.equal(responses, 1);
};
