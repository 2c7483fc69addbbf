import { pushable, StatusCode } from "godwit";
import type { StreamingOutputCallRequestInit } from "../../gen/grpc/testing/test_godwit.js";
import { inTime, type OfficialCase } from "../case.js";
import { collect, failure } from "../expected-status.js";

/** An idea of the document that is no case yet: three thousand calls of one channel time out, and it works on. */
export const simultaneousTimeouts: OfficialCase = async ({ service }) => {
  const call = async (): Promise<void> => {
    const silent = pushable<StreamingOutputCallRequestInit>();
    await failure(collect(service.fullDuplexCall(silent, { timeoutMs: 1000 })), StatusCode.DEADLINE_EXCEEDED);
  };
  await Promise.all(Array.from({ length: 3000 }, call));
  await service.emptyCall({}, inTime);
};
