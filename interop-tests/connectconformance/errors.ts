/** Statuses as the suite writes them. Its codes have gRPC's numbers. */
import { type DescMessage, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import { type StatusCode, type StatusDetail, StatusError } from "godwit";
import type { Code } from "../gen/connectrpc/conformance/v1/config_pb.js";
import type { Error as ConformanceError, ErrorSchema } from "../gen/connectrpc/conformance/v1/service_pb.js";
import { StatusSchema } from "../gen/google/rpc/status_pb.js";
import { messageTypes } from "./message-types.js";

/** The error that a server is told to answer with; `last` goes behind its details. */
export function toStatusError(
  { code, message, details }: ConformanceError,
  last: readonly StatusDetail[],
): StatusError {
  return new StatusError(code as number as StatusCode, message ?? "", { details: [...details.map(toDetail), ...last] });
}

/** What a client got. What is no status of a call is thrown again. */
export function fromStatusError(error: unknown): MessageInitShape<typeof ErrorSchema> {
  if (!(error instanceof StatusError)) throw error;
  return {
    code: error.code as number as Code,
    message: error.statusMessage,
    details: error.details === undefined ? [] : fromBinary(StatusSchema, error.details).details,
  };
}

function toDetail(any: Any): StatusDetail {
  const value = anyUnpack(any, messageTypes);
  const schema: DescMessage | undefined = value && messageTypes.getMessage(value.$typeName);
  if (value === undefined || schema === undefined) throw new Error(`a detail is of the unknown type ${any.typeUrl}`);
  return { schema, value };
}
