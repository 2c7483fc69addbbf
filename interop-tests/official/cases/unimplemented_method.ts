import { StatusCode } from "godwit";
import { inTime, type OfficialCase } from "../case.js";
import { failure } from "../expected-status.js";

export const unimplementedMethod: OfficialCase = async ({ service }) => {
  await failure(service.unimplementedCall({}, inTime), StatusCode.UNIMPLEMENTED);
};
