/** Frames as an attacker writes them (RFC 9113 §4, §6): nothing is checked, for most of them say something wrong. */

export const frameType = {
  DATA: 0,
  HEADERS: 1,
  PRIORITY: 2,
  RST_STREAM: 3,
  SETTINGS: 4,
  PUSH_PROMISE: 5,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
  ALTSVC: 10,
} as const;

export const flag = { ACK: 0x1, END_STREAM: 0x1, END_HEADERS: 0x4 } as const;

export const settingId = { HEADER_TABLE_SIZE: 1, INITIAL_WINDOW_SIZE: 4 } as const;

export const errorCode = { NO_ERROR: 0, CANCEL: 8 } as const;

const codeNames = [
  ...["NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED"],
  ...["FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM"],
  ...["INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"],
];

export function codeName(code: number): string {
  return codeNames[code] ?? `0x${code.toString(16)}`;
}

export const clientPreface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

export const frameHeaderBytes = 9;
/** Where the stream id stands in a frame. */
export const streamIdAt = 5;

const nothing = new Uint8Array(0);

export function frame(type: number, flags: number, streamId: number, payload: Uint8Array = nothing): Buffer {
  const bytes = Buffer.alloc(frameHeaderBytes + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(streamId, streamIdAt);
  bytes.set(payload, frameHeaderBytes);
  return bytes;
}

/** Identifier and value in turn. */
export function settings(...pairs: number[]): Buffer {
  const payload = Buffer.alloc(pairs.length * 3);
  for (let i = 0; i < pairs.length; i += 2) {
    payload.writeUInt16BE(pairs[i] as number, i * 3);
    payload.writeUInt32BE(pairs[i + 1] as number, i * 3 + 2);
  }
  return frame(frameType.SETTINGS, 0, 0, payload);
}

export function headers(streamId: number, block: Uint8Array, flags: number = flag.END_HEADERS): Buffer {
  return frame(frameType.HEADERS, flags, streamId, block);
}

export function continuation(streamId: number, fragment: Uint8Array = nothing): Buffer {
  return frame(frameType.CONTINUATION, 0, streamId, fragment);
}

export function data(streamId: number, payload: Uint8Array = nothing, flags = 0): Buffer {
  return frame(frameType.DATA, flags, streamId, payload);
}

export function reset(streamId: number, code: number = errorCode.CANCEL): Buffer {
  return frame(frameType.RST_STREAM, 0, streamId, uint32(code));
}

export function windowUpdate(streamId: number, increment: number): Buffer {
  return frame(frameType.WINDOW_UPDATE, 0, streamId, uint32(increment));
}

export function ping(): Buffer {
  return frame(frameType.PING, 0, 0, Buffer.from("12345678"));
}

export function priority(streamId: number, dependency: number): Buffer {
  return frame(frameType.PRIORITY, 0, streamId, Buffer.concat([uint32(dependency), Buffer.of(15)]));
}

export function goAway(lastStreamId: number, code: number, debug = ""): Buffer {
  return frame(frameType.GOAWAY, 0, 0, Buffer.concat([uint32(lastStreamId), uint32(code), Buffer.from(debug)]));
}

export function repeated(bytes: Uint8Array, atLeastBytes: number): Buffer {
  const times = Math.ceil(atLeastBytes / bytes.length);
  return Buffer.concat(Array.from({ length: times }, () => bytes));
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
