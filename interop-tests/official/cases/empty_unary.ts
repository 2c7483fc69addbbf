import assert from "node:assert/strict";
import { create, equals } from "@bufbuild/protobuf";
import { EmptySchema } from "../../gen/grpc/testing/empty_pb.js";
import { inTime, type OfficialCase } from "../case.js";

/** Messages of no bytes. */
export const emptyUnary: OfficialCase = async ({ service }) => {
  const response = await service.emptyCall({}, inTime);
  assert.ok(equals(EmptySchema, response, create(EmptySchema)));
};
