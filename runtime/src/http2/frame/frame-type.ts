/** RFC 9113 §6. */
export const FrameType = {
  DATA: 0x0,
  HEADERS: 0x1,
  PRIORITY: 0x2,
  RST_STREAM: 0x3,
  SETTINGS: 0x4,
  PUSH_PROMISE: 0x5,
  PING: 0x6,
  GOAWAY: 0x7,
  WINDOW_UPDATE: 0x8,
  CONTINUATION: 0x9,
} as const;

/** RFC 9113 §6; END_STREAM of DATA and HEADERS and ACK of SETTINGS and PING are the same bit. */
export const Flag = {
  ACK: 0x1,
  END_STREAM: 0x1,
  END_HEADERS: 0x4,
  PADDED: 0x8,
  PRIORITY: 0x20,
} as const;

/** Bytes of a frame's header (RFC 9113 §4.1). */
export const frameHeaderBytes = 9;

const names = Object.keys(FrameType);

/** `DATA` for 0, `0x1f` for a type that RFC 9113 does not know. */
export function frameTypeName(type: number): string {
  return names[type] ?? `0x${type.toString(16)}`;
}
