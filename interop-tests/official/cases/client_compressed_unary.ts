import { create } from "@bufbuild/protobuf";
import { StatusCode, uncompressed } from "godwit";
import { SimpleRequestSchema } from "../../gen/grpc/testing/messages_pb.js";
import { inTime, type OfficialCase } from "../case.js";
import { failure } from "../expected-status.js";
import { assertZeros, largeRequest } from "../payload.js";

const gzip = { ...inTime, compression: "gzip" };

const request = (value: boolean) => create(SimpleRequestSchema, { ...largeRequest, expectCompressed: { value } });

/** The server sees whether a request was compressed: one that says so and is not has to fail. */
export const clientCompressedUnary: OfficialCase = async (context) => {
  await failure(context.service.unaryCall(uncompressed(request(true)), gzip), StatusCode.INVALID_ARGUMENT);
  await clientCompressedUnaryNoprobe(context);
};

/** The same for a server that does not look. */
export const clientCompressedUnaryNoprobe: OfficialCase = async ({ service }) => {
  const { payload } = await service.unaryCall(request(true), gzip);
  assertZeros(payload, largeRequest.responseSize);
  const { payload: second } = await service.unaryCall(uncompressed(request(false)), gzip);
  assertZeros(second, largeRequest.responseSize);
};
