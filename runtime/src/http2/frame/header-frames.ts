import type { OutputArena } from "../../base/output-arena.js";
import type { HpackEncoder } from "../../hpack/encoder.js";
import type { HeaderBlock } from "../../hpack/header-block.js";
import type { StreamId } from "../session-event.js";
import { Flag, FrameType, frameHeaderBytes } from "./frame-type.js";
import { typeAndFlags, writeFrameHeader } from "./frame-writer.js";

/** Appends a header block: a HEADERS frame, and CONTINUATION behind it where one frame of the peer's does not take it (RFC 9113 §6.2). */
export function appendHeaders(
  arena: OutputArena,
  encoder: HpackEncoder,
  headers: HeaderBlock,
  maxFrameBytes: number,
  id: StreamId,
  endStream: boolean,
): void {
  const bound = encoder.maxEncodedBytes(headers);
  if (bound > maxFrameBytes) {
    appendLongHeaders(arena, encoder, headers, maxFrameBytes, id, endStream);
    return;
  }
  const flags = Flag.END_HEADERS | (endStream ? Flag.END_STREAM : 0);
  arena.ensure(frameHeaderBytes + bound);
  const start = arena.position + frameHeaderBytes;
  const end = encoder.encode(headers, arena.bytes, start);
  writeFrameHeader(arena.bytes, arena.position, end - start, typeAndFlags(FrameType.HEADERS, flags), id);
  arena.position = end;
}

function appendLongHeaders(
  arena: OutputArena,
  encoder: HpackEncoder,
  headers: HeaderBlock,
  maxFrameBytes: number,
  id: StreamId,
  endStream: boolean,
): void {
  const block = Buffer.allocUnsafe(encoder.maxEncodedBytes(headers));
  const size = encoder.encode(headers, block, 0);
  let type: number = FrameType.HEADERS;
  for (let offset = 0; offset < size || offset === 0; ) {
    const length = Math.min(maxFrameBytes, size - offset);
    const last = offset + length === size;
    const flags = (last ? Flag.END_HEADERS : 0) | (type === FrameType.HEADERS && endStream ? Flag.END_STREAM : 0);
    arena.ensure(frameHeaderBytes + length);
    writeFrameHeader(arena.bytes, arena.position, length, typeAndFlags(type, flags), id);
    block.copy(arena.bytes, arena.position + frameHeaderBytes, offset, offset + length);
    arena.position += frameHeaderBytes + length;
    offset += length;
    type = FrameType.CONTINUATION;
    if (last) break;
  }
}
