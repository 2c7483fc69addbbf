import { inTime, type OfficialCase } from "../case.js";
import { assertZeros, zeros } from "../payload.js";

/** Of grpc-java: 10 MiB, more than servers take unless they are told to. */
export const veryLargeRequest: OfficialCase = async ({ service }) => {
  const { payload } = await service.unaryCall({ responseSize: 10, payload: zeros(10 << 20) }, inTime);
  assertZeros(payload, 10);
};
