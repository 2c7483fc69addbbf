import { createClient, StatusCode } from "godwit";
import { UnimplementedService } from "../../gen/grpc/testing/test_godwit.js";
import { inTime, type OfficialCase } from "../case.js";
import { failure } from "../expected-status.js";

export const unimplementedService: OfficialCase = async ({ channel }) => {
  const service = createClient(UnimplementedService, channel);
  await failure(service.unimplementedCall({}, inTime), StatusCode.UNIMPLEMENTED);
};
