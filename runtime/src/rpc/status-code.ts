/** The outcome of a call (grpc/grpc doc/statuscodes.md). The numbers are the wire's. */
export const StatusCode = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

export type StatusCode = (typeof StatusCode)[keyof typeof StatusCode];

const names = Object.keys(StatusCode) as (keyof typeof StatusCode)[];

/** `NOT_FOUND` for 5. */
export function statusCodeName(code: StatusCode): keyof typeof StatusCode {
  return names[code] ?? "UNKNOWN";
}

/** Whether a number is one of the seventeen codes. */
export function isStatusCode(code: number): code is StatusCode {
  return Number.isInteger(code) && code >= 0 && code < names.length;
}
