import type { CompressionResult, Compressor } from "../../../src/base/platform.js";

/** A run of equal bytes is its length (1 to 255) and the byte. Poor, fast, and the same on every Node, which zlib is not. */
function compressRuns(message: Uint8Array): Uint8Array {
  const out = Buffer.allocUnsafe(2 * message.length);
  let size = 0;
  for (let at = 0; at < message.length; ) {
    const byte = message[at] as number;
    let run = 1;
    while (run < 255 && message[at + run] === byte) run++;
    out[size++] = run;
    out[size++] = byte;
    at += run;
  }
  return out.subarray(0, size);
}

function expandRuns(message: Uint8Array, maxBytes: number): CompressionResult {
  if (message.length % 2 !== 0) return { ok: false, reason: "malformed", message: "the last run has no byte" };
  let size = 0;
  for (let at = 0; at < message.length; at += 2) size += message[at] as number;
  if (size > maxBytes) return { ok: false, reason: "tooLarge", message: "too large" };
  const bytes = Buffer.alloc(size);
  let end = 0;
  for (let at = 0; at < message.length; at += 2) {
    const run = message[at] as number;
    bytes.fill(message[at + 1] as number, end, end + run);
    end += run;
  }
  return { ok: true, bytes };
}

/** Compression whose results come at once or some time later, as `later` says. */
export class ToyCompressor implements Compressor {
  readonly encodings: readonly string[] = ["runs"];
  readonly #later: (fn: () => void) => void;

  constructor(later: (fn: () => void) => void) {
    this.#later = later;
  }

  compress(_encoding: string, message: Uint8Array, done: (result: CompressionResult) => void): undefined {
    const result: CompressionResult = { ok: true, bytes: compressRuns(message) };
    this.#later(() => done(result));
  }

  decompress(
    _encoding: string,
    message: Uint8Array,
    maxBytes: number,
    done: (result: CompressionResult) => void,
  ): undefined {
    const result = expandRuns(message, maxBytes);
    this.#later(() => done(result));
  }
}
