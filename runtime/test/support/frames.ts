import assert from "node:assert/strict";

/**
 * HTTP/2 frames by hand (RFC 9113 §4, §6), independent of the code under test: `frames.headers(1).request("/s/m").endStream()`.
 * Whatever a builder is not told to check it does not check: most tests want to say something wrong.
 */

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
} as const;

export const settingId = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
} as const;

const codes = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
];

export const clientPreface = Buffer.from("505249202a20485454502f322e300d0a0d0a534d0d0a0d0a", "hex");

/** A frame as it is on the wire; of HEADERS and DATA the payload has its padding and priority still in it. */
export interface WireFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

export type Part = Uint8Array | FrameBuilder;

/** Bytes of frames and other bytes, one after the other. */
export function bytesOf(...parts: readonly Part[]): Buffer {
  return Buffer.concat(parts.map((part) => (part instanceof FrameBuilder ? part.build() : part)));
}

export class FrameBuilder {
  #flags: number;
  #body: Buffer;
  #priority: Buffer = Buffer.alloc(0);
  #padding = -1;

  constructor(
    readonly type: number,
    readonly streamId: number,
    flags = 0,
    body: Uint8Array = Buffer.alloc(0),
  ) {
    this.#flags = flags;
    this.#body = Buffer.from(body);
  }

  /** A header block that is encoded already. */
  block(bytes: Uint8Array): this {
    this.#body = Buffer.from(bytes);
    return this;
  }

  /** Name and value in turn, as literals. */
  fields(...fields: string[]): this {
    return this.block(hpackLiterals(...fields));
  }

  request(path = "/s/m", ...more: string[]): this {
    return this.fields(":method", "POST", ":scheme", "http", ":path", path, ":authority", "test", ...more);
  }

  response(status = 200, ...more: string[]): this {
    return this.fields(":status", String(status), ...more);
  }

  endStream(): this {
    this.#flags |= 0x1;
    return this;
  }

  /** Without END_HEADERS: CONTINUATION follows. */
  unfinished(): this {
    this.#flags &= ~0x4;
    return this;
  }

  endHeaders(): this {
    this.#flags |= 0x4;
    return this;
  }

  padded(bytes: number): this {
    this.#flags |= 0x8;
    this.#padding = bytes;
    return this;
  }

  priority(dependency: number, weight = 15, exclusive = false): this {
    this.#flags |= 0x20;
    this.#priority = priorityFields(dependency, weight, exclusive);
    return this;
  }

  build(): Buffer {
    const payload =
      this.#padding < 0
        ? Buffer.concat([this.#priority, this.#body])
        : Buffer.concat([Buffer.of(this.#padding), this.#priority, this.#body, Buffer.alloc(this.#padding)]);
    return rawFrame(this.type, this.#flags, this.streamId, payload);
  }
}

function rawFrame(type: number, flags: number, streamId: number, payload: Uint8Array, length = payload.length): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(length, 0, 3);
  header[3] = type;
  header[4] = flags;
  header.writeUInt32BE(streamId, 5);
  return Buffer.concat([header, payload]);
}

function priorityFields(dependency: number, weight: number, exclusive: boolean): Buffer {
  const fields = Buffer.alloc(5);
  fields.writeUInt32BE(exclusive ? dependency + 0x80000000 : dependency);
  fields[4] = weight;
  return fields;
}

export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (let i = 0; i < values.length; i++) bytes.writeUInt32BE(values[i] as number, 4 * i);
  return bytes;
}

export const frames = {
  /** HEADERS with END_HEADERS. */
  headers: (streamId: number) => new FrameBuilder(frameType.HEADERS, streamId, 0x4),
  continuation: (streamId: number, bytes: Uint8Array) => new FrameBuilder(frameType.CONTINUATION, streamId, 0, bytes),
  data: (streamId: number, bytes: Uint8Array | string | number = 0) =>
    new FrameBuilder(frameType.DATA, streamId, 0, typeof bytes === "number" ? Buffer.alloc(bytes) : Buffer.from(bytes)),
  /** Identifier and value in turn. */
  settings: (...settings: number[]) => {
    const body = Buffer.alloc(settings.length * 3);
    for (let i = 0; i < settings.length; i += 2) {
      body.writeUInt16BE(settings[i] as number, i * 3);
      body.writeUInt32BE(settings[i + 1] as number, i * 3 + 2);
    }
    return new FrameBuilder(frameType.SETTINGS, 0, 0, body);
  },
  settingsAck: () => new FrameBuilder(frameType.SETTINGS, 0, 0x1),
  rst: (streamId: number, code: number) => new FrameBuilder(frameType.RST_STREAM, streamId, 0, uint32(code)),
  goAway: (lastStreamId: number, code: number, debug = "") =>
    new FrameBuilder(frameType.GOAWAY, 0, 0, Buffer.concat([uint32(lastStreamId, code), Buffer.from(debug)])),
  windowUpdate: (streamId: number, increment: number) =>
    new FrameBuilder(frameType.WINDOW_UPDATE, streamId, 0, uint32(increment)),
  ping: (text = "12345678") => new FrameBuilder(frameType.PING, 0, 0, Buffer.from(text)),
  pingAck: (bytes: Uint8Array) => new FrameBuilder(frameType.PING, 0, 0x1, bytes),
  priority: (streamId: number, dependency: number) =>
    new FrameBuilder(frameType.PRIORITY, streamId, 0, priorityFields(dependency, 15, false)),
  raw: rawFrame,
};

/** RFC 7541 §6.2.2: literals without indexing, new names, no Huffman. */
export function hpackLiterals(...fields: string[]): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    parts.push(Buffer.of(0), hpackString(fields[i] as string), hpackString(fields[i + 1] as string));
  }
  return Buffer.concat(parts);
}

function hpackString(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([hpackInteger(bytes.length), bytes]);
}

/** RFC 7541 §5.1 with a prefix of 7 bits. */
function hpackInteger(value: number): Buffer {
  if (value < 127) return Buffer.of(value);
  const octets = [127];
  let rest = value - 127;
  for (; rest >= 128; rest >>>= 7) octets.push((rest & 127) | 128);
  octets.push(rest);
  return Buffer.from(octets);
}

/** Every frame of a stretch of output, which must end at a frame's end. */
export function parseFrames(bytes: Buffer): WireFrame[] {
  const parsed: WireFrame[] = [];
  let at = 0;
  while (at < bytes.length) {
    assert.ok(at + 9 <= bytes.length, "output ends amid a frame header");
    const end = at + 9 + bytes.readUIntBE(at, 3);
    assert.ok(end <= bytes.length, "output ends amid a frame");
    parsed.push({
      type: bytes[at + 3] as number,
      flags: bytes[at + 4] as number,
      streamId: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + 9, end),
    });
    at = end;
  }
  return parsed;
}

export function codeName(code: number): string {
  return codes[code] ?? `0x${code.toString(16)}`;
}

/** A frame in a few words: `DATA 1 5 bytes END_STREAM`, `RST_STREAM 3 CANCEL`. */
export function describeFrame({ type, flags, streamId, payload }: WireFrame): string {
  const endStream = (flags & 0x1) !== 0 ? " END_STREAM" : "";
  const more = (flags & 0x4) === 0 ? " unfinished" : "";
  switch (type) {
    case frameType.DATA:
      return `DATA ${streamId} ${payload.length} bytes${endStream}`;
    case frameType.HEADERS:
      return `HEADERS ${streamId}${endStream}${more}`;
    case frameType.CONTINUATION:
      return `CONTINUATION ${streamId}${more}`;
    case frameType.RST_STREAM:
      return `RST_STREAM ${streamId} ${codeName(payload.readUInt32BE(0))}`;
    case frameType.SETTINGS:
      return (flags & 0x1) === 0 ? "SETTINGS" : "SETTINGS ACK";
    case frameType.PING:
      return `PING${(flags & 0x1) === 0 ? "" : " ACK"} ${payload.toString("latin1")}`;
    case frameType.GOAWAY:
      return `GOAWAY ${payload.readUInt32BE(0)} ${codeName(payload.readUInt32BE(4))}`;
    case frameType.WINDOW_UPDATE:
      return `WINDOW_UPDATE ${streamId} +${payload.readUInt32BE(0)}`;
    default:
      return `type ${type} flags ${flags} stream ${streamId} ${payload.length} bytes`;
  }
}
