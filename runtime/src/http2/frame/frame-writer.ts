/** Frames as bytes. Each function appends to a sink; the caller has checked every value's range. */
import type { ByteSink } from "../../base/byte-sink.js";
import { Flag, FrameType, frameHeaderBytes } from "./frame-type.js";

/** Writes a frame's header at an offset that has room for it (RFC 9113 §4.1). */
export function writeFrameHeader(
  bytes: Buffer,
  offset: number,
  length: number,
  typeAndFlags: number,
  streamId: number,
): void {
  bytes[offset] = length >>> 16;
  bytes[offset + 1] = length >>> 8;
  bytes[offset + 2] = length;
  bytes[offset + 3] = typeAndFlags >>> 8;
  bytes[offset + 4] = typeAndFlags;
  bytes[offset + 5] = streamId >>> 24;
  bytes[offset + 6] = streamId >>> 16;
  bytes[offset + 7] = streamId >>> 8;
  bytes[offset + 8] = streamId;
}

/** Type and flags as one number, so that writeFrameHeader needs no further parameter. */
export function typeAndFlags(type: number, flags: number): number {
  return (type << 8) | flags;
}

function appendHeader(sink: ByteSink, length: number, type: number, flags: number, streamId: number): number {
  sink.ensure(frameHeaderBytes + length);
  const offset = sink.position;
  writeFrameHeader(sink.bytes, offset, length, typeAndFlags(type, flags), streamId);
  sink.position = offset + frameHeaderBytes + length;
  return offset + frameHeaderBytes;
}

/** `settings` is a list of identifier and value in turn (RFC 9113 §6.5.1). */
export function appendSettings(sink: ByteSink, settings: readonly number[]): void {
  let offset = appendHeader(sink, settings.length * 3, FrameType.SETTINGS, 0, 0);
  for (let i = 0; i < settings.length; i += 2) {
    offset = sink.bytes.writeUInt16BE(settings[i] as number, offset);
    offset = sink.bytes.writeUInt32BE(settings[i + 1] as number, offset);
  }
}

export function appendSettingsAck(sink: ByteSink): void {
  appendHeader(sink, 0, FrameType.SETTINGS, Flag.ACK, 0);
}

/** `payload` is the 8 opaque bytes, from `start` (RFC 9113 §6.7). */
export function appendPing(sink: ByteSink, ack: boolean, payload: Uint8Array, start: number): void {
  const offset = appendHeader(sink, 8, FrameType.PING, ack ? Flag.ACK : 0, 0);
  for (let i = 0; i < 8; i++) sink.bytes[offset + i] = payload[start + i] as number;
}

export function appendWindowUpdate(sink: ByteSink, streamId: number, increment: number): void {
  const offset = appendHeader(sink, 4, FrameType.WINDOW_UPDATE, 0, streamId);
  sink.bytes.writeUInt32BE(increment, offset);
}

export function appendRstStream(sink: ByteSink, streamId: number, code: number): void {
  const offset = appendHeader(sink, 4, FrameType.RST_STREAM, 0, streamId);
  sink.bytes.writeUInt32BE(code, offset);
}

/** Debug data beyond 1 KiB is cut. */
export function appendGoAway(sink: ByteSink, lastStreamId: number, code: number, debug: string): void {
  const data = Buffer.from(debug, "utf8").subarray(0, 1024);
  const offset = appendHeader(sink, 8 + data.length, FrameType.GOAWAY, 0, 0);
  sink.bytes.writeUInt32BE(lastStreamId, offset);
  sink.bytes.writeUInt32BE(code, offset + 4);
  sink.bytes.set(data, offset + 8);
}
