/** RST_STREAM and Status (PROTOCOL-HTTP2, Errors). */
import { ErrorCode, errorCodeName } from "../http2/error-code.js";
import type { Initiator } from "../http2/session-event.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";

/** Every other code means INTERNAL, those that RFC 9113 does not know included (RFC 9113 §7). */
const codes: ReadonlyMap<ErrorCode, StatusCode> = new Map<ErrorCode, StatusCode>([
  [ErrorCode.REFUSED_STREAM, StatusCode.UNAVAILABLE],
  [ErrorCode.CANCEL, StatusCode.CANCELLED],
  [ErrorCode.ENHANCE_YOUR_CALM, StatusCode.RESOURCE_EXHAUSTED],
  [ErrorCode.INADEQUATE_SECURITY, StatusCode.PERMISSION_DENIED],
]);

/** What the code is meant to tell, where its name does not. */
const meanings: ReadonlyMap<ErrorCode, string> = new Map([
  [ErrorCode.NO_ERROR, "expected a grpc-status before the end"],
  [ErrorCode.REFUSED_STREAM, "the call was not processed"],
  [ErrorCode.ENHANCE_YOUR_CALM, "the bandwidth that is granted has been used up"],
  [ErrorCode.INADEQUATE_SECURITY, "the connection is not secure enough for the call"],
]);

/** How a call ends whose stream was reset. `reason` is one sentence, where more is known than the code. */
export function statusOfReset(code: ErrorCode, initiator: Initiator, reason?: string): Status {
  const who = initiator === "remote" ? "peer reset the stream" : "stream was reset by this side";
  const why = reason === undefined || reason === "" ? meanings.get(code) : reason;
  const number = code > ErrorCode.HTTP_1_1_REQUIRED ? "an unknown code" : String(code);
  return {
    code: codes.get(code) ?? StatusCode.INTERNAL,
    message: `${who} with ${errorCodeName(code)} (${number})${why === undefined ? "" : `: ${why}`}`,
  };
}

/**
 * The code for resetting a stream whose call ends here with a status. INTERNAL says that the stream of messages is
 * corrupt; an OK that came before the peer had finished asks it to stop sending (Early Server Closure). All else is a
 * cancellation, a deadline included: no other code tells the peer more than that.
 */
export function resetCodeOf(code: StatusCode): ErrorCode {
  switch (code) {
    case StatusCode.OK:
      return ErrorCode.NO_ERROR;
    case StatusCode.INTERNAL:
      return ErrorCode.INTERNAL_ERROR;
    default:
      return ErrorCode.CANCEL;
  }
}
