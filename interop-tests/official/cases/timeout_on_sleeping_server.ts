import { pushable, StatusCode } from "godwit";
import type { StreamingOutputCallRequestInit } from "../../gen/grpc/testing/test_godwit.js";
import type { OfficialCase } from "../case.js";
import { collect, failure } from "../expected-status.js";
import { zeros } from "../payload.js";

/** The server waits for more, and would for ever. */
export const timeoutOnSleepingServer: OfficialCase = async ({ service }) => {
  const requests = pushable<StreamingOutputCallRequestInit>();
  void requests.write({ payload: zeros(27_182) });
  await failure(collect(service.fullDuplexCall(requests, { timeoutMs: 1 })), StatusCode.DEADLINE_EXCEEDED);
};
