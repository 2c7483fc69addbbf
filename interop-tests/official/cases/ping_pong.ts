import assert from "node:assert/strict";
import { pushable } from "godwit";
import type { StreamingOutputCallRequestInit } from "../../gen/grpc/testing/test_godwit.js";
import { inTime, type OfficialCase } from "../case.js";
import { assertZeros, requestSizes, responseSizes, zeros } from "../payload.js";

/** Each request goes only once the last one has its answer. */
export const pingPong: OfficialCase = async ({ service }) => {
  const requests = pushable<StreamingOutputCallRequestInit>();
  let turn = 0;
  const ping = (): void => {
    void requests.write({
      responseParameters: [{ size: responseSizes[turn] ?? 0 }],
      payload: zeros(requestSizes[turn] ?? 0),
    });
  };
  ping();
  for await (const { payload } of service.fullDuplexCall(requests, inTime)) {
    assertZeros(payload, responseSizes[turn] ?? -1);
    turn++;
    if (turn < responseSizes.length) ping();
    else requests.finish();
  }
  assert.equal(turn, responseSizes.length, "responses");
};
