/**
 * The codecs of a generated service, as the transport uses them: a message is written behind reserved bytes of the
 * connection's arena, headers are filled in, and what has come together is taken once a turn. Only ever run bundled: the
 * arena is the runtime's own and no part of its API.
 */
import type { Codec } from "godwit";
import { OutputArena } from "../../../runtime/src/base/output-arena.js";
import { CodecService } from "../../gen/godwit/benchmark/v1/codec_service_godwit.js";
import type { MessageCodec, Subject } from "../subject.js";

/** Of a DATA frame and of a gRPC message. */
const frameHeaderBytes = 9;
const reservedBytes = frameHeaderBytes + 5;
/** Output that a turn hands over. */
const turnBytes = 32 * 1024;
/** From here on a message may keep views of what was received (docs/ARCHITECTURE.md, invariant 11). */
const aliasBytes = 4096;

const arena = new OutputArena();

function encode(codec: Codec, message: unknown): Uint8Array | readonly Uint8Array[] {
  arena.begin(reservedBytes);
  codec.encode(message, arena);
  const size = arena.messageBytes - reservedBytes;
  const { bytes, messageStart } = arena;
  bytes[messageStart + frameHeaderBytes] = 0;
  bytes.writeUInt32BE(size, messageStart + frameHeaderBytes + 1);
  if (!arena.contiguous) {
    const { chunks } = arena.detach(frameHeaderBytes);
    takeTurn();
    return chunks;
  }
  bytes.writeUIntBE(size + 5, messageStart, 3);
  bytes.writeUInt16BE(0, messageStart + 3);
  bytes.writeUInt32BE(1, messageStart + 5);
  const encoded = bytes.subarray(messageStart + reservedBytes, messageStart + reservedBytes + size);
  arena.commit();
  if (arena.pendingBytes > turnBytes) takeTurn();
  return encoded;
}

function takeTurn(): void {
  arena.take();
  arena.release();
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

function subjectWith(encoder: (codec: Codec, message: unknown) => Uint8Array | readonly Uint8Array[]): Subject {
  return Object.fromEntries(
    CodecService.methods.map(({ desc, requestCodec }): [string, MessageCodec] => [
      desc.input.name,
      {
        decode: (bytes) => requestCodec.decode(bytes, 0, bytes.length, bytes.length >= aliasBytes),
        encode: (message) => encoder(requestCodec, message),
      },
    ]),
  );
}

export const subjects: Readonly<Record<string, Subject>> = {
  godwit: subjectWith(encode),
  "godwit-copied": subjectWith(encodeCopied),
};
