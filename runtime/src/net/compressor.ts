import { assert } from "../base/assert.js";
import type { CompressionJob, CompressionResult, Compressor } from "../base/platform.js";
import { JobLane } from "./zlib/job-lane.js";
import { deflateFormat, gzipFormat, type ZlibFormat } from "./zlib/zlib-format.js";
import { compressAtOnce, compressInBackground, decompressAtOnce, decompressInBackground } from "./zlib/zlib-job.js";

/** Above these a message is worked on in another thread. Both keep one message to a fraction of a millisecond here. */
export interface SyncLimits {
  readonly inputBytes: number;
  readonly outputBytes: number;
}

const defaultSyncLimits: SyncLimits = { inputBytes: 8 * 1024, outputBytes: 64 * 1024 };

/** As many as libuv has threads by default: more would only queue up before its file and name look-ups. */
const jobLimit = 4;

const processLane = /* @__PURE__ */ new JobLane(jobLimit);

/** gzip (RFC 1952) and deflate, by which HTTP means the zlib format (RFC 1950, RFC 9110 §8.4.1.2). */
export class ZlibCompressor implements Compressor {
  readonly encodings: readonly string[] = ["gzip", "deflate"];
  readonly #limits: SyncLimits;

  constructor(limits: SyncLimits = defaultSyncLimits) {
    this.#limits = limits;
  }

  compress(
    encoding: string,
    message: Uint8Array,
    done: (result: CompressionResult) => void,
  ): CompressionJob | undefined {
    const format = formatOf(encoding);
    if (message.byteLength > this.#limits.inputBytes) {
      return processLane.run((release) => compressInBackground(format, message, done, release));
    }
    done(compressAtOnce(format, message));
    return undefined;
  }

  /**
   * A few bytes may stand for thousands of times as many. So a short input is tried at once, but only as far as
   * the limit for that goes; one that is larger inside starts again in the background.
   */
  decompress(
    encoding: string,
    message: Uint8Array,
    maxBytes: number,
    done: (result: CompressionResult) => void,
  ): CompressionJob | undefined {
    const format = formatOf(encoding);
    const { inputBytes, outputBytes } = this.#limits;
    if (message.byteLength <= inputBytes) {
      const result = decompressAtOnce(format, message, Math.min(maxBytes, outputBytes));
      if (result.ok || result.reason !== "tooLarge" || maxBytes <= outputBytes) {
        done(result);
        return undefined;
      }
    }
    return processLane.run((release) => decompressInBackground(format, message, maxBytes, done, release));
  }
}

function formatOf(encoding: string): ZlibFormat {
  assert(
    encoding === "gzip" || encoding === "deflate",
    `a message encoding is one of the compressor's, not ${encoding}`,
  );
  return encoding === "gzip" ? gzipFormat : deflateFormat;
}
