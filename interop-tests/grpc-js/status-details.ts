/** google.rpc.Status as grpc-js's users write and read it: by protobufjs, in grpc-status-details-bin. */
import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import { loadSync, type MessageTypeDefinition } from "@grpc/proto-loader";

export interface ErrorInfo {
  reason: string;
  domain: string;
  metadata: Record<string, string>;
}

interface Any {
  type_url: string;
  value: Uint8Array;
}

interface Status {
  code: number;
  message: string;
  details: Any[];
}

const protoFolder = fileURLToPath(new URL("../proto", import.meta.resolve("godwit/package.json")));
const definition = loadSync(["google/rpc/status.proto", "google/rpc/error_details.proto"], {
  includeDirs: [protoFolder],
  keepCase: true,
  defaults: true,
});
const StatusType = definition["google.rpc.Status"] as MessageTypeDefinition<Status, Status>;
const ErrorInfoType = definition["google.rpc.ErrorInfo"] as MessageTypeDefinition<ErrorInfo, ErrorInfo>;
const typeUrl = "type.googleapis.com/google.rpc.ErrorInfo";
const key = "grpc-status-details-bin";

/** Trailers with a google.rpc.Status that carries one ErrorInfo. */
export function packErrorInfo(code: number, message: string, info: ErrorInfo): grpc.Metadata {
  const details = [{ type_url: typeUrl, value: ErrorInfoType.serialize(info) }];
  const metadata = new grpc.Metadata();
  metadata.set(key, StatusType.serialize({ code, message, details }));
  return metadata;
}

/** The google.rpc.Status in the trailers, with its details of type ErrorInfo. */
export function unpackErrorInfos(trailers: grpc.Metadata): { status: Status; infos: ErrorInfo[] } {
  const [value] = trailers.get(key);
  const status = StatusType.deserialize(value as Buffer);
  const infos = status.details
    .filter(({ type_url }) => type_url === typeUrl)
    .map(({ value: bytes }) => ErrorInfoType.deserialize(Buffer.from(bytes)));
  return { status, infos };
}
