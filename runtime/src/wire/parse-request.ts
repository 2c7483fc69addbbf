/**
 * Request-Headers as a server reads them (PROTOCOL-HTTP2, Requests). What HTTP/2 asks of them (pseudo-headers, lower case,
 * te, no connection-specific fields) has been checked before. Nothing here throws; `:path` is never normalised.
 */
import { flatFields, type HeaderBlock } from "../hpack/header-block.js";
import { isReservedKey, type Metadata, type MetadataValue } from "../rpc/metadata.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { parseContentType } from "./content-type.js";
import { parseTimeout } from "./grpc-timeout.js";
import { maxAcceptEncodings } from "./limits.js";
import { collectMetadata, toMetadata } from "./metadata-codec.js";
import { quote } from "./quote.js";

export interface GrpcRequest {
  readonly kind: "grpc";
  /** As it came. */
  readonly path: string;
  /** `:authority`, or `host` where there is none (gRFC A41). */
  readonly authority: string;
  readonly contentSubtype: string;
  /** Infinity when there is no grpc-timeout. */
  readonly timeoutMs: number;
  /** Of the request's messages: `identity`, `gzip`, whatever the client says. */
  readonly encoding: string;
  /** What the client can read besides identity, in its order. */
  readonly acceptEncodings: readonly string[];
  /** Fresh: the caller may change it. */
  readonly metadata: Metadata;
  /** Of the client's retry policy (gRFC A6). */
  readonly previousAttempts: number;
  /** A proxy took it from TLS early data, which anybody can send again (RFC 8470 §5.1). */
  readonly isEarlyData: boolean;
}

/** To be answered at once, with encodeRefusal, and not to be dispatched. */
export interface RefusedRequest {
  readonly kind: "refused";
  /** 200 where the client is taken to speak gRPC. */
  readonly httpStatus: number;
  readonly status: Status;
}

export type ParsedRequest = GrpcRequest | RefusedRequest;

/**
 * The last request without metadata and timeout that was read: HPACK hands out the same instance for equal blocks.
 * Nothing of an application's is kept here but the path.
 */
let plainBlock: HeaderBlock | undefined;
let plainRequest: GrpcRequest | undefined;

export function parseRequest(block: HeaderBlock): ParsedRequest {
  if (block === plainBlock && plainRequest !== undefined) return requestWith(plainRequest, plainRequest.timeoutMs, []);
  const shared = block.prefix === undefined ? undefined : sharedRequest(block.prefix);
  const request = shared === undefined ? undefined : readTail(shared, block.fields);
  return request ?? readWhole(block);
}

function readWhole(block: HeaderBlock): ParsedRequest {
  const received = readFields(flatFields(block));
  const request = refusalOf(received) ?? acceptedRequest(received);
  if (request.kind === "grpc" && received.timeout === undefined && received.entries.length === 0) {
    plainBlock = block;
    plainRequest = requestWith(request, request.timeoutMs, []);
  }
  return request;
}

/** What the calls that share a prefix have in common: the request that it is by itself. */
interface SharedRequest {
  readonly request: GrpcRequest;
  readonly hasTimeout: boolean;
  /** Of the metadata; text alone. */
  readonly entries: readonly string[];
}

/** By prefix. `undefined`: it is no request by itself, or has what is not to be shared. */
const sharedRequests = new WeakMap<HeaderBlock, SharedRequest | undefined>();

function sharedRequest(prefix: HeaderBlock): SharedRequest | undefined {
  const known = sharedRequests.get(prefix);
  if (known !== undefined || sharedRequests.has(prefix)) return known;
  const received = readFields(flatFields(prefix));
  const { entries } = received;
  const isSharable = refusalOf(received) === undefined && entries.every(isText);
  const hasTimeout = received.timeout !== undefined;
  const shared = isSharable ? { request: acceptedRequest(received), hasTimeout, entries } : undefined;
  sharedRequests.set(prefix, shared);
  return shared;
}

function isText(value: MetadataValue): value is string {
  return typeof value === "string";
}

/** With the fields that differ from call to call; undefined where they are more than one timeout and text. */
function readTail({ request, hasTimeout, entries }: SharedRequest, fields: readonly string[]): GrpcRequest | undefined {
  const beginsWithTimeout = !hasTimeout && fields[0] === "grpc-timeout";
  const timeoutMs = beginsWithTimeout ? parseTimeout(fields[1] as string) : request.timeoutMs;
  if (timeoutMs === undefined) return undefined;
  const first = beginsWithTimeout ? 2 : 0;
  for (let i = first; i < fields.length; i += 2) if (!isPlainKey(fields[i] as string)) return undefined;
  const own = fields.slice(first);
  return requestWith(request, timeoutMs, entries.length === 0 ? own : [...entries, ...own]);
}

/** Whether a field is the application's alone, and stands for what it says. */
function isPlainKey(name: string): boolean {
  return !(isReservedKey(name) || name.endsWith("-bin") || name === "early-data");
}

interface ReceivedRequest {
  method: string;
  path: string;
  authority: string | undefined;
  host: string | undefined;
  hosts: number;
  contentType: string | undefined;
  timeout: string | undefined;
  timeouts: number;
  encoding: string;
  acceptEncoding: string;
  previousAttempts: string;
  isEarlyData: boolean;
  entries: MetadataValue[];
  /** What is wrong with the metadata. */
  error: string | undefined;
}

function readFields(fields: readonly string[]): ReceivedRequest {
  const received: ReceivedRequest = {
    method: "",
    path: "",
    authority: undefined,
    host: undefined,
    hosts: 0,
    contentType: undefined,
    timeout: undefined,
    timeouts: 0,
    encoding: "identity",
    acceptEncoding: "",
    previousAttempts: "",
    isEarlyData: false,
    entries: [],
    error: undefined,
  };
  for (let i = 0; i < fields.length; i += 2) readField(fields[i] as string, fields[i + 1] as string, received);
  return received;
}

function readField(name: string, value: string, received: ReceivedRequest): void {
  switch (name) {
    case ":method":
      received.method = value;
      return;
    case ":path":
      received.path = value;
      return;
    case ":authority":
      received.authority = value;
      return;
    case "host":
      received.host = value;
      received.hosts++;
      return;
    case "content-type":
      received.contentType ??= value;
      return;
    case "grpc-timeout":
      received.timeout = value;
      received.timeouts++;
      return;
    case "grpc-encoding":
      received.encoding = value;
      return;
    case "grpc-accept-encoding":
      received.acceptEncoding = received.acceptEncoding === "" ? value : `${received.acceptEncoding},${value}`;
      return;
    case "grpc-previous-rpc-attempts":
      received.previousAttempts = value;
      return;
    case ":scheme":
    case "te":
    case "user-agent":
      return;
    case "early-data":
      // Any value, and several, mean the same as 1 (RFC 8470 §5.1). Applications see it, too.
      received.isEarlyData = true;
      break;
    default:
      break;
  }
  received.error ??= collectMetadata(name, value, received.entries);
}

/** Order as in grpc-go: what is wrong as HTTP comes before the question whether it is gRPC. */
function refusalOf(received: ReceivedRequest): RefusedRequest | undefined {
  const { method, authority, hosts, contentType, timeout, timeouts, error } = received;
  if (hosts > 1) return refused(400, StatusCode.INTERNAL, `request has ${hosts} host fields, limit 1 (gRFC A41)`);
  if (hosts === 0 && authority === undefined) {
    return refused(
      400,
      StatusCode.INTERNAL,
      "request has neither :authority nor host, expected one of them (gRFC A41)",
    );
  }
  if (method !== "POST") return refused(405, StatusCode.INTERNAL, `method is ${quote(method)}, expected POST`);
  if (parseContentType(contentType) === undefined) {
    const observed = contentType === undefined ? "is missing" : `is ${quote(contentType)}`;
    return refused(415, StatusCode.INVALID_ARGUMENT, `content-type ${observed}, expected application/grpc`);
  }
  if (timeouts > 1) return refused(200, StatusCode.INTERNAL, `request has ${timeouts} grpc-timeout fields, limit 1`);
  if (timeout !== undefined && parseTimeout(timeout) === undefined) {
    const expected = "expected 1 to 8 digits and one of H, M, S, m, u, n";
    return refused(200, StatusCode.INTERNAL, `grpc-timeout is ${quote(timeout)}, ${expected}`);
  }
  return error === undefined ? undefined : refused(200, StatusCode.INTERNAL, error);
}

function refused(httpStatus: number, code: StatusCode, message: string): RefusedRequest {
  return { kind: "refused", httpStatus, status: { code, message } };
}

function acceptedRequest(received: ReceivedRequest): GrpcRequest {
  const { timeout } = received;
  return {
    kind: "grpc",
    path: received.path,
    authority: received.authority ?? received.host ?? "",
    contentSubtype: parseContentType(received.contentType) ?? "",
    timeoutMs: (timeout === undefined ? undefined : parseTimeout(timeout)) ?? Number.POSITIVE_INFINITY,
    encoding: received.encoding,
    acceptEncodings: parseAcceptEncoding(received.acceptEncoding),
    metadata: toMetadata(received.entries),
    previousAttempts: /^[1-9]\d{0,8}$/.test(received.previousAttempts) ? Number(received.previousAttempts) : 0,
    isEarlyData: received.isEarlyData,
  };
}

/** Takes the entries over. */
function requestWith(request: GrpcRequest, timeoutMs: number, entries: MetadataValue[]): GrpcRequest {
  return {
    kind: "grpc",
    path: request.path,
    authority: request.authority,
    contentSubtype: request.contentSubtype,
    timeoutMs,
    encoding: request.encoding,
    acceptEncodings: request.acceptEncodings,
    metadata: toMetadata(entries),
    previousAttempts: request.previousAttempts,
    isEarlyData: request.isEarlyData,
  };
}

/** The last value that was split: nearly all calls of a process bring the same. */
let lastAcceptEncoding = "";
let lastAcceptEncodings: readonly string[] = Object.freeze([]);

function parseAcceptEncoding(value: string): readonly string[] {
  if (value === lastAcceptEncoding) return lastAcceptEncodings;
  const names = value.split(",", maxAcceptEncodings).map((name) => name.trim());
  lastAcceptEncodings = Object.freeze(names.filter((name) => name !== "" && name !== "identity"));
  lastAcceptEncoding = value;
  return lastAcceptEncodings;
}
