import assert from "node:assert/strict";
import { create } from "@bufbuild/protobuf";
import { StatusCode, uncompressed } from "godwit";
import { type StreamingInputCallRequest, StreamingInputCallRequestSchema } from "../../gen/grpc/testing/messages_pb.js";
import { inTime, type OfficialCase } from "../case.js";
import { failure } from "../expected-status.js";
import { zeros } from "../payload.js";

const gzip = { ...inTime, compression: "gzip" };

function request(size: number, value: boolean): StreamingInputCallRequest {
  return create(StreamingInputCallRequestSchema, { payload: zeros(size), expectCompressed: { value } });
}

/** Of one stream a message is compressed and the next one is not. */
export const clientCompressedStreaming: OfficialCase = async (context) => {
  const probe = context.service.streamingInputCall([uncompressed(request(27_182, true))], gzip);
  await failure(probe, StatusCode.INVALID_ARGUMENT);
  await clientCompressedStreamingNoprobe(context);
};

/** The same for a server that does not look. */
export const clientCompressedStreamingNoprobe: OfficialCase = async ({ service }) => {
  const requests = [request(27_182, true), uncompressed(request(45_904, false))];
  const { aggregatedPayloadSize } = await service.streamingInputCall(requests, gzip);
  assert.equal(aggregatedPayloadSize, 73_086);
};
