import { constants } from "node:buffer";
import type { CompressionResult } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { errorCode } from "../system-error.js";
import type { ZlibEngine, ZlibFormat } from "./zlib-format.js";

/** Output per step of a background job: what a bomb may cost above the limit. */
const chunkBytes = 64 * 1024;

type Done = (result: CompressionResult) => void;

export function compressAtOnce(format: ZlibFormat, message: Uint8Array): CompressionResult {
  return { ok: true, bytes: format.compressSync(message) };
}

/**
 * Several gzip members in a row are one message (RFC 1952 §2.2), as in Go's reader; anything else after the end is
 * malformed. Node would let trailing zeros pass, so what was used is compared with what there was.
 */
export function decompressAtOnce(format: ZlibFormat, message: Uint8Array, maxBytes: number): CompressionResult {
  try {
    const maxOutputLength = Math.min(Math.max(maxBytes, 1), constants.MAX_LENGTH);
    // With `info` the result is not a Buffer but this pair, which the type declarations do not know.
    const result = format.decompressSync(message, { maxOutputLength, info: true });
    const { buffer, engine } = result as unknown as { buffer: Buffer; engine: ZlibEngine };
    if (buffer.byteLength > maxBytes) return tooLarge(format, maxBytes);
    return checkedForRest(format, message, engine, buffer);
  } catch (error) {
    return errorCode(error) === "ERR_BUFFER_TOO_LARGE" ? tooLarge(format, maxBytes) : malformed(format, error);
  }
}

/** Like `decompressInBackground`: returns how to stop it. Then `done` does not come any more, and `release` does. */
export function compressInBackground(
  format: ZlibFormat,
  message: Uint8Array,
  done: Done,
  release: () => void,
): () => void {
  const engine = format.createCompressor({ chunkSize: chunkBytes });
  return runEngine(engine, message, {
    maxBytes: Number.POSITIVE_INFINITY,
    onOutput: (bytes) => done({ ok: true, bytes }),
    onTooLarge: () => {},
    onError: (error) => done(malformed(format, error)),
    onClose: release,
  });
}

export function decompressInBackground(
  format: ZlibFormat,
  message: Uint8Array,
  maxBytes: number,
  done: Done,
  release: () => void,
): () => void {
  const engine = format.createDecompressor({ chunkSize: chunkBytes });
  return runEngine(engine, message, {
    maxBytes,
    onOutput: (bytes) => done(checkedForRest(format, message, engine, bytes)),
    onTooLarge: () => done(tooLarge(format, maxBytes)),
    onError: (error) => done(malformed(format, error)),
    onClose: release,
  });
}

/** One of the first three comes, once, unless it is stopped; onClose is last, when the engine's thread and memory are free. */
interface EngineSink {
  readonly maxBytes: number;
  onOutput(bytes: Buffer): void;
  onTooLarge(): void;
  onError(error: Error): void;
  onClose(): void;
}

/** zlib's own output limit exists for its synchronous functions only, so the chunks are counted here. Returns how to stop. */
function runEngine(engine: ZlibEngine, message: Uint8Array, sink: EngineSink): () => void {
  let chunks: Buffer[] = [];
  let size = 0;
  let settled = false;
  engine.on("close", () => sink.onClose());
  engine.on("error", (error) => {
    if (settled) return;
    settled = true;
    sink.onError(error);
  });
  engine.on("data", (chunk: Buffer) => {
    if (settled) return;
    size += chunk.byteLength;
    chunks.push(chunk);
    if (size <= sink.maxBytes) return;
    settled = true;
    chunks = [];
    engine.destroy();
    sink.onTooLarge();
  });
  engine.on("end", () => {
    if (settled) return;
    settled = true;
    sink.onOutput(Buffer.concat(chunks, size));
  });
  engine.end(message);
  return () => {
    settled = true;
    chunks = [];
    engine.destroy();
  };
}

function checkedForRest(
  format: ZlibFormat,
  message: Uint8Array,
  engine: ZlibEngine,
  bytes: Uint8Array,
): CompressionResult {
  const rest = message.byteLength - engine.bytesWritten;
  return rest === 0 ? { ok: true, bytes } : malformed(format, `${rest} bytes follow its end`);
}

function tooLarge(format: ZlibFormat, maxBytes: number): CompressionResult {
  const message = `decompressed (${format.name}) message is larger than ${maxBytes} bytes, the limit`;
  return { ok: false, reason: "tooLarge", message };
}

function malformed(format: ZlibFormat, cause: unknown): CompressionResult {
  const why = textOfThrown(cause);
  return { ok: false, reason: "malformed", message: `${format.name} message is malformed: ${why}` };
}
