/**
 * The codecs of a generated service, as the transport uses them: a message is written behind reserved bytes of the
 * connection's arena, headers are filled in, and what has come together is taken once a turn. Only ever run bundled: the
 * arena is the runtime's own and no part of its API.
 */
import type { Codec } from "godwit";
import { OutputArena } from "../../../runtime/src/base/output-arena.js";
import { writeFrameHeader } from "../../../runtime/src/http2/frame/frame-writer.js";
import { messagePrefixBytes, writeMessagePrefix } from "../../../runtime/src/wire/message-framer.js";
import { CodecService } from "../../gen/godwit/benchmark/v1/codec_service_godwit.js";
import type { MessageCodec, Subject } from "../subject.js";

/** Of a DATA frame. */
const frameHeaderBytes = 9;
const dataFrame = 0;
const reservedBytes = frameHeaderBytes + messagePrefixBytes;
/** Output that a turn hands over. */
const turnBytes = 32 * 1024;
/** From here on a message may keep views of what was received (docs/ARCHITECTURE.md, invariant 11). */
const aliasBytes = 4096;

const arena = new OutputArena();
/** Where in the arena the last message is, or the pieces of it, prefix included. */
let lastStart = 0;
let lastChunks: readonly Uint8Array[] = [];

/** As MessageSender and Http2Session do it for a message that fits the windows. */
function encode(codec: Codec, message: unknown): void {
  arena.begin(reservedBytes);
  codec.encode(message, arena);
  const start = arena.messageStart;
  const size = arena.messageBytes - reservedBytes;
  writeMessagePrefix(arena.bytes, start + frameHeaderBytes, false, size);
  if (!arena.contiguous) {
    lastChunks = arena.detach(frameHeaderBytes).chunks;
    takeTurn();
    return;
  }
  writeFrameHeader(arena.bytes, start, size + messagePrefixBytes, dataFrame, 1);
  arena.commit();
  lastStart = start;
  if (arena.pendingBytes > turnBytes) takeTurn();
}

function takeTurn(): void {
  arena.take();
  arena.release();
}

function lastMessage(): Uint8Array {
  const chunks = lastChunks;
  lastChunks = [];
  if (chunks.length > 0) return Buffer.concat(chunks).subarray(messagePrefixBytes);
  const start = lastStart + reservedBytes;
  return arena.bytes.subarray(start, start + arena.bytes.readUInt32BE(start - 4));
}

/** The message alone, in memory of its own. */
function encodeCopied(codec: Codec, message: unknown): Uint8Array {
  arena.begin(0);
  codec.encode(message, arena);
  if (!arena.contiguous) {
    const { chunks, byteLength } = arena.detach(0);
    const copied = Buffer.concat(chunks, byteLength);
    takeTurn();
    return copied;
  }
  const { bytes, messageStart, position } = arena;
  const copied = new Uint8Array(position - messageStart);
  copied.set(bytes.subarray(messageStart, position));
  arena.abort();
  return copied;
}

function subjectOf(codecFor: (codec: Codec) => Pick<MessageCodec, "encode" | "bytesOf">): Subject {
  return Object.fromEntries(
    CodecService.methods.map(({ desc, requestCodec }): [string, MessageCodec] => [
      desc.input.name,
      {
        decode: (bytes) => requestCodec.decode(bytes, 0, bytes.length, bytes.length >= aliasBytes),
        ...codecFor(requestCodec),
      },
    ]),
  );
}

export const subjects: Readonly<Record<string, Subject>> = {
  godwit: subjectOf((codec) => ({ encode: (message) => encode(codec, message), bytesOf: lastMessage })),
  "godwit-copied": subjectOf((codec) => ({ encode: (message) => encodeCopied(codec, message) })),
};
