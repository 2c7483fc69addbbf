/** Trailers and Trailers-Only: how a Status crosses the wire (PROTOCOL-HTTP2, Responses). */
import { flatFields, HeaderBlock } from "../hpack/header-block.js";
import type { MetadataValue } from "../rpc/metadata.js";
import { OK, type Status } from "../rpc/status.js";
import { isStatusCode, StatusCode, statusCodeName } from "../rpc/status-code.js";
import { contentTypeOf } from "./content-type.js";
import { decodeStatusMessage, encodeStatusMessage } from "./grpc-message.js";
import { collectMetadata, decodeBinary, encodeBinary, metadataToFields, toMetadata } from "./metadata-codec.js";
import { quote } from "./quote.js";

/** Blocks of statuses that are nothing but a code, by code: shared, so that HPACK may cache their bytes. */
const bareTrailers: readonly HeaderBlock[] = Object.values(StatusCode).map(
  (code) => new HeaderBlock(["grpc-status", String(code)]),
);

/** What ends a stream behind its messages. */
export function encodeTrailers(status: Status): HeaderBlock {
  if (isBare(status)) return bareTrailers[status.code] as HeaderBlock;
  const fields: string[] = [];
  appendStatus(status, fields);
  return new HeaderBlock(fields);
}

/**
 * Headers and trailers in one block, for a call that ends without a message. `acceptEncoding` is wanted where the status
 * says that the request's encoding is not supported (grpc/grpc doc/compression.md).
 */
export function encodeTrailersOnly(status: Status, contentSubtype: string, acceptEncoding?: string): HeaderBlock {
  const fields = [":status", "200", "content-type", contentTypeOf(contentSubtype)];
  if (acceptEncoding) fields.push("grpc-accept-encoding", acceptEncoding);
  appendStatus(status, fields);
  return new HeaderBlock(fields);
}

/** Trailers-Only under another HTTP status than 200, for those who do not read grpc-status. */
export function encodeRefusal(httpStatus: number, status: Status): HeaderBlock {
  const fields = [":status", String(httpStatus), "content-type", contentTypeOf("proto")];
  if (httpStatus === 405) fields.push("allow", "POST"); // RFC 9110 §15.5.6
  appendStatus(status, fields);
  return new HeaderBlock(fields);
}

/**
 * Reads trailers or Trailers-Only. A grpc-status that is missing, malformed or ambiguous makes UNKNOWN, a malformed
 * metadata value INTERNAL. A malformed grpc-status-details-bin is left out: code and message stand without it.
 */
export function parseTrailers(block: HeaderBlock): Status {
  const fields = flatFields(block);
  if (fields.length === 2 && fields[0] === "grpc-status" && fields[1] === "0") return OK;
  const received: ReceivedTrailers = {
    statuses: 0,
    status: "",
    message: undefined,
    details: undefined,
    pushback: undefined,
    entries: [],
    error: undefined,
  };
  for (let i = 0; i < fields.length; i += 2) readField(fields[i] as string, fields[i + 1] as string, received);
  const outcome = outcomeOf(received);
  return {
    code: outcome.code,
    message: outcome.message,
    ...(received.entries.length > 0 && { trailers: toMetadata(received.entries) }),
    ...(received.details !== undefined && { details: received.details }),
    ...(received.pushback !== undefined && { retryPushbackMs: received.pushback }),
  };
}

interface ReceivedTrailers {
  /** How often grpc-status came, and its first value. */
  statuses: number;
  status: string;
  message: string | undefined;
  details: Uint8Array | undefined;
  pushback: number | undefined;
  entries: MetadataValue[];
  error: string | undefined;
}

function readField(name: string, value: string, received: ReceivedTrailers): void {
  switch (name) {
    case "grpc-status":
      if (received.statuses++ === 0) received.status = value;
      return;
    case "grpc-message":
      received.message ??= decodeStatusMessage(value);
      return;
    case "grpc-status-details-bin":
      received.details ??= decodeBinary(value);
      return;
    case "grpc-retry-pushback-ms":
      received.pushback = received.pushback === undefined ? parsePushback(value) : -1;
      return;
    default: {
      const error = collectMetadata(name, value, received.entries);
      received.error ??= error;
    }
  }
}

/** Code and message of what came. */
function outcomeOf(received: ReceivedTrailers): Status {
  const { statuses, status, message, error } = received;
  const text = message === undefined || message === "" ? "" : `: ${message}`;
  if (statuses === 0) {
    return { code: StatusCode.UNKNOWN, message: `trailers have no grpc-status, expected one${text}` };
  }
  if (statuses > 1) {
    return { code: StatusCode.UNKNOWN, message: `trailers have ${statuses} grpc-status fields, expected one${text}` };
  }
  if (!/^(0|[1-9]\d{0,9})$/.test(status)) {
    const observed = `grpc-status is ${quote(status)}, expected a decimal number without leading zeros`;
    return { code: StatusCode.UNKNOWN, message: observed + text };
  }
  const code = Number(status);
  if (!isStatusCode(code)) {
    return { code: StatusCode.UNKNOWN, message: `grpc-status is ${code}, expected 0 to 16${text}` };
  }
  if (error !== undefined) {
    return {
      code: StatusCode.INTERNAL,
      message: `${error} (in trailers with grpc-status ${statusCodeName(code)}${text})`,
    };
  }
  return code === StatusCode.OK ? OK : { code, message: message ?? "" };
}

/** gRFC A6: an integer of 32 bits; whatever else comes means that no retry is wanted. */
function parsePushback(value: string): number {
  if (!/^(0|[1-9]\d{0,9})$/.test(value)) return -1;
  const ms = Number(value);
  return ms > 0x7fff_ffff ? -1 : ms;
}

function isBare(status: Status): boolean {
  return (
    status.message === "" &&
    status.details === undefined &&
    status.retryPushbackMs === undefined &&
    (status.trailers === undefined || status.trailers.size === 0)
  );
}

function appendStatus(status: Status, fields: string[]): void {
  fields.push("grpc-status", String(status.code));
  if (status.message !== "") fields.push("grpc-message", encodeStatusMessage(status.message));
  if (status.details !== undefined) fields.push("grpc-status-details-bin", encodeBinary(status.details));
  if (status.retryPushbackMs !== undefined) fields.push("grpc-retry-pushback-ms", String(status.retryPushbackMs));
  if (status.trailers !== undefined) metadataToFields(status.trailers, fields);
}
