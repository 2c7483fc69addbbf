/** Frames of HTTP/2 by hand (RFC 9113 §4, §6): nothing here is ours or node:http2's, so that neither judges itself. */

export const type = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;

export const flag = { ACK: 0x1, END_STREAM: 0x1, END_HEADERS: 0x4, PADDED: 0x8, PRIORITY: 0x20 } as const;

export const setting = { MAX_CONCURRENT_STREAMS: 3, INITIAL_WINDOW_SIZE: 4, MAX_FRAME_SIZE: 5 } as const;

export const clientPreface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

const headerBytes = 9;

export interface RawFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

export function frame(type: number, flags: number, streamId: number, payload: Uint8Array = new Uint8Array()): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUIntBE(payload.length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, payload]);
}

export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value, 4 * index);
  });
  return bytes;
}

/** SETTINGS with identifiers and values. */
export function settings(values: Readonly<Record<number, number>> = {}): Buffer {
  const parts = Object.entries(values).map(([id, value]) => {
    const bytes = Buffer.alloc(6);
    bytes.writeUInt16BE(Number(id));
    bytes.writeUInt32BE(value, 2);
    return bytes;
  });
  return frame(type.SETTINGS, 0, 0, Buffer.concat(parts));
}

/** Identifiers and values of SETTINGS. */
export function readSettings(payload: Buffer): Map<number, number> {
  const values = new Map<number, number>();
  for (let at = 0; at + 6 <= payload.length; at += 6)
    values.set(payload.readUInt16BE(at), payload.readUInt32BE(at + 2));
  return values;
}

/** A DATA frame; `padding` octets behind a length of one octet, which all count against windows (RFC 9113 §6.1). */
export function data(streamId: number, bytes: Uint8Array, padding: number | undefined): Buffer {
  if (padding === undefined) return frame(type.DATA, 0, streamId, bytes);
  const padded = Buffer.concat([Buffer.of(padding), bytes, Buffer.alloc(padding)]);
  return frame(type.DATA, flag.PADDED, streamId, padded);
}

/** What a DATA frame carries without its padding. */
export function dataOf({ flags, payload }: RawFrame): Buffer {
  if ((flags & flag.PADDED) === 0) return payload;
  return payload.subarray(1, payload.length - (payload[0] ?? 0));
}

/** A header block of literals without indexing, with short names and values (RFC 7541 §6.2.2). */
export function headerBlock(fields: Readonly<Record<string, string>>): Buffer {
  const text = (value: string): Buffer => {
    if (value.length > 126) throw new Error("a longer text needs more than one octet of length");
    return Buffer.concat([Buffer.of(value.length), Buffer.from(value, "latin1")]);
  };
  return Buffer.concat(
    Object.entries(fields).map(([name, value]) => Buffer.concat([Buffer.of(0), text(name), text(value)])),
  );
}

/** Cuts what comes in into frames, whatever the chunks. */
export class FrameReader {
  #held = Buffer.alloc(0);

  /** The frames that are complete with this chunk. */
  *read(chunk: Uint8Array): Generator<RawFrame> {
    this.#held = Buffer.concat([this.#held, chunk]);
    while (this.#held.length >= headerBytes) {
      const end = headerBytes + this.#held.readUIntBE(0, 3);
      if (this.#held.length < end) return;
      const held = this.#held;
      this.#held = held.subarray(end);
      const streamId = held.readUInt32BE(5) & 0x7fff_ffff;
      yield { type: held[3] ?? 0, flags: held[4] ?? 0, streamId, payload: held.subarray(headerBytes, end) };
    }
  }
}
