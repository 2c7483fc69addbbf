/** Frames: written into the output arena as a session does, and read from chunks as sockets cut them. */
import assert from "node:assert/strict";
import { OutputArena } from "../../../runtime/src/base/output-arena.js";
import { FrameReader } from "../../../runtime/src/http2/frame/frame-reader.js";
import { Flag, FrameType, frameHeaderBytes } from "../../../runtime/src/http2/frame/frame-type.js";
import { appendWindowUpdate, typeAndFlags, writeFrameHeader } from "../../../runtime/src/http2/frame/frame-writer.js";
import { messagePrefixBytes, writeMessagePrefix } from "../../../runtime/src/wire/message-framer.js";
import type { MicroCase } from "../micro-case.js";

const message = Buffer.alloc(64, "m");
const headerBlock = Buffer.alloc(45, 0x82);
const turnBytes = 32 * 1024;
const calls = 256;
const framesPerCall = 3;

const headersFrame = typeAndFlags(FrameType.HEADERS, Flag.END_HEADERS);
const dataFrame = typeAndFlags(FrameType.DATA, 0);
const lastDataFrame = typeAndFlags(FrameType.DATA, Flag.END_STREAM);

export function frameCases(): readonly MicroCase[] {
  const small = smallFrames();
  const large = largeFrames();
  const smallCount = calls * framesPerCall;
  const largeCount = large.length / (frameHeaderBytes + largePayload);
  return [
    {
      id: "frames/write",
      operation: "a frame: HEADERS of 45 B, DATA of 64 B, WINDOW_UPDATE in turn",
      operations: smallCount,
      run: writeRun(),
    },
    readCase("frames/read-64k", "such a frame, from chunks of 64 KiB", small, [65_536], smallCount),
    readCase(
      "frames/read-segments",
      "such a frame, from chunks of 1,448 B and less",
      small,
      [1448, 1448, 536, 97],
      smallCount,
    ),
    readCase("frames/read-data-16k", "a DATA frame of 16 KiB, from chunks of 64 KiB", large, [65_536], largeCount),
  ];
}

function writeRun(): () => unknown {
  const arena = new OutputArena();
  return () => {
    for (let call = 0; call < calls; call++) {
      writeCall(arena, 2 * call + 1);
      if (arena.pendingBytes > turnBytes) takeTurn(arena);
    }
    return takeTurn(arena);
  };
}

function writeCall(arena: OutputArena, streamId: number): void {
  arena.ensure(frameHeaderBytes + headerBlock.length);
  writeFrameHeader(arena.bytes, arena.position, headerBlock.length, headersFrame, streamId);
  arena.bytes.set(headerBlock, arena.position + frameHeaderBytes);
  arena.position += frameHeaderBytes + headerBlock.length;
  arena.begin(frameHeaderBytes + messagePrefixBytes);
  arena.append(message);
  const start = arena.messageStart;
  const size = arena.messageBytes - frameHeaderBytes;
  writeMessagePrefix(arena.bytes, start + frameHeaderBytes, false, size - messagePrefixBytes);
  writeFrameHeader(arena.bytes, start, size, lastDataFrame, streamId);
  arena.commit();
  appendWindowUpdate(arena, 0, size);
}

function takeTurn(arena: OutputArena): unknown {
  const output = arena.take();
  arena.release();
  return output;
}

function smallFrames(): Buffer {
  const arena = new OutputArena(1 << 16);
  for (let call = 0; call < calls; call++) writeCall(arena, 2 * call + 1);
  return Buffer.concat(arena.take());
}

const largePayload = 16_384;

function largeFrames(): Buffer {
  const frame = Buffer.alloc(frameHeaderBytes + largePayload, "d");
  writeFrameHeader(frame, 0, largePayload, dataFrame, 1);
  return Buffer.concat(Array.from({ length: 64 }, () => frame));
}

function readCase(
  id: string,
  operation: string,
  bytes: Buffer,
  sizes: readonly number[],
  operations: number,
): MicroCase {
  const chunks = cut(bytes, sizes);
  const reader = new FrameReader(1 << 14);
  const run = (): number => {
    let seen = 0;
    for (let i = 0; i < chunks.length; i++) {
      reader.push(chunks[i] as Uint8Array);
      while (reader.next() === "frame") if (reader.last) seen += 1;
    }
    return seen;
  };
  assert.equal(run(), operations);
  return { id, operation, operations, run };
}

/** Chunks of these sizes, in turn. */
export function cut(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[chunks.length % sizes.length] as number;
    // Memory of its own, as what a socket gives.
    const chunk = Buffer.allocUnsafeSlow(Math.min(size, bytes.length - at));
    bytes.copy(chunk, 0, at);
    chunks.push(chunk);
    at += chunk.length;
  }
  return chunks;
}
