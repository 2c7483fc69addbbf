import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";

/**
 * What 425 is to HTTP (RFC 8470 §5.2), so that a gRPC client understands it: nothing has been done, and the same call may be
 * made once the handshake has ended.
 */
export function tooEarly({ path }: MethodDescriptor): Status {
  const message = `${path} may have effects and came as TLS early data, which can be replayed: send it again after the handshake (RFC 8470)`;
  return { code: StatusCode.UNAVAILABLE, message, retryPushbackMs: 0 };
}

export function tooLargeList(what: "headers" | "trailers", bytes: number, limit: number): Status {
  const message = `header list of the response's ${what} is ${bytes} bytes, limit ${limit} (the client's)`;
  return { code: StatusCode.RESOURCE_EXHAUSTED, message };
}
