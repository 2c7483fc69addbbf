/** RFC 9113 §7. */
export const ErrorCode = {
  NO_ERROR: 0x0,
  PROTOCOL_ERROR: 0x1,
  INTERNAL_ERROR: 0x2,
  FLOW_CONTROL_ERROR: 0x3,
  SETTINGS_TIMEOUT: 0x4,
  STREAM_CLOSED: 0x5,
  FRAME_SIZE_ERROR: 0x6,
  REFUSED_STREAM: 0x7,
  CANCEL: 0x8,
  COMPRESSION_ERROR: 0x9,
  CONNECT_ERROR: 0xa,
  ENHANCE_YOUR_CALM: 0xb,
  INADEQUATE_SECURITY: 0xc,
  HTTP_1_1_REQUIRED: 0xd,
} as const;

/** One of the codes above or any other number that a peer may send. */
export type ErrorCode = number;

const names = Object.keys(ErrorCode);

/** `PROTOCOL_ERROR` for 1, `0x2a` for a code that RFC 9113 does not know. */
export function errorCodeName(code: ErrorCode): string {
  return names[code] ?? `0x${code.toString(16)}`;
}

/** What went wrong, found by a parser: of one stream, or of the whole connection. */
export interface Violation {
  readonly scope: "stream" | "connection";
  readonly code: ErrorCode;
  /** One sentence: what was seen, what was expected. */
  readonly message: string;
}

export function connectionError(code: ErrorCode, message: string): Violation {
  return { scope: "connection", code, message };
}

export function streamError(code: ErrorCode, message: string): Violation {
  return { scope: "stream", code, message };
}
