import { pushable, StatusCode } from "godwit";
import type { StreamingInputCallRequestInit } from "../../gen/grpc/testing/test_godwit.js";
import { inTime, type OfficialCase } from "../case.js";
import { failure } from "../expected-status.js";

/** Cancelled before the first message. */
export const cancelAfterBegin: OfficialCase = async ({ service }) => {
  const controller = new AbortController();
  const requests = pushable<StreamingInputCallRequestInit>();
  const call = service.streamingInputCall(requests, { ...inTime, signal: controller.signal });
  controller.abort();
  await failure(call, StatusCode.CANCELLED);
};
