/**
 * What an answer that is not gRPC's means (grpc/grpc doc/http-grpc-status-mapping.md): only for answers without a grpc-status.
 * Of 431 there are two versions of that table; UNKNOWN is what grpc-go and grpc-js say and connectconformance asks for.
 */
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { quote } from "./quote.js";

const codes: ReadonlyMap<number, StatusCode> = new Map<number, StatusCode>([
  [400, StatusCode.INTERNAL],
  [401, StatusCode.UNAUTHENTICATED],
  [403, StatusCode.PERMISSION_DENIED],
  [404, StatusCode.UNIMPLEMENTED],
  [429, StatusCode.UNAVAILABLE],
  [502, StatusCode.UNAVAILABLE],
  [503, StatusCode.UNAVAILABLE],
  [504, StatusCode.UNAVAILABLE],
]);

/** RFC 9110 §15 and RFC 6585, those that proxies and load balancers send. */
const reasons: ReadonlyMap<number, string> = new Map([
  [200, "OK"],
  [301, "Moved Permanently"],
  [302, "Found"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [408, "Request Timeout"],
  [413, "Content Too Large"],
  [415, "Unsupported Media Type"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
]);

export function codeOfHttpStatus(httpStatus: number): StatusCode {
  return codes.get(httpStatus) ?? StatusCode.UNKNOWN;
}

/**
 * For a response without a grpc-status; `value` is that of `:status`. Whoever is on the way may have sent it: whether the
 * server has seen the call nobody knows.
 */
export function statusOfHttp(value: string | undefined, contentType: string | undefined): Status {
  const number = value !== undefined && /^[1-9]\d\d$/.test(value) ? Number(value) : undefined;
  const type = contentType === undefined ? "no content-type" : `content-type ${quote(contentType)}`;
  if (number === undefined) {
    const observed = value === undefined ? "is missing" : `is ${quote(value)}`;
    const message = `:status of the response ${observed}, expected three digits`;
    return { code: StatusCode.INTERNAL, message, delivery: "unknown" };
  }
  const reason = reasons.get(number);
  const message = `server answered HTTP status ${number}${reason === undefined ? "" : ` (${reason})`} with ${type} and no grpc-status, expected HTTP status 200 with application/grpc`;
  return { code: codeOfHttpStatus(number), message, delivery: "unknown" };
}
