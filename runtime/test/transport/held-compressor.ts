import type { CompressionJob, CompressionResult, Compressor } from "../../src/base/platform.js";
import { FakePlatform, type FakePlatformOptions } from "../support/fake-platform.js";

export interface HeldJob {
  readonly kind: "compress" | "decompress";
  readonly input: string;
  finish(result?: CompressionResult): void;
}

/** "gzip" is `<` and `>` around the text: readable on the wire. Jobs end at once, or when the test says so. */
export class HeldCompressor implements Compressor {
  readonly encodings: readonly string[] = ["gzip"];
  /** Whether jobs wait for `finish`. */
  isHeld = false;
  readonly jobs: HeldJob[] = [];
  /** Whether jobs that wait can be given up. */
  isCancellable = true;

  compress(
    _encoding: string,
    message: Uint8Array,
    done: (result: CompressionResult) => void,
  ): CompressionJob | undefined {
    const input = Buffer.from(message).toString();
    return this.#run("compress", input, { ok: true, bytes: Buffer.from(`<${input}>`) }, done);
  }

  decompress(
    _encoding: string,
    message: Uint8Array,
    maxBytes: number,
    done: (result: CompressionResult) => void,
  ): CompressionJob | undefined {
    const input = Buffer.from(message).toString();
    return this.#run("decompress", input, decompress(input, maxBytes), done);
  }

  /** Ends the oldest job, well unless said otherwise. */
  finishNext(result?: CompressionResult): void {
    const job = this.jobs.shift();
    if (job === undefined) throw new Error("no message is being worked on");
    job.finish(result);
  }

  #run(
    kind: HeldJob["kind"],
    input: string,
    result: CompressionResult,
    done: (result: CompressionResult) => void,
  ): CompressionJob | undefined {
    if (!this.isHeld) {
      done(result);
      return undefined;
    }
    const job: HeldJob = { kind, input, finish: (other) => done(other ?? result) };
    this.jobs.push(job);
    if (!this.isCancellable) return undefined;
    return {
      cancel: () => {
        if (this.jobs.includes(job)) this.jobs.splice(this.jobs.indexOf(job), 1);
      },
    };
  }
}

function decompress(input: string, maxBytes: number): CompressionResult {
  if (!input.startsWith("<")) return { ok: false, reason: "malformed", message: "no angle" };
  if (input.length - 2 > maxBytes) return { ok: false, reason: "tooLarge", message: "too large" };
  return { ok: true, bytes: Buffer.from(input.slice(1, -1)) };
}

export class CompressingPlatform extends FakePlatform {
  override readonly compressor: HeldCompressor;

  constructor(compressor: HeldCompressor, options?: FakePlatformOptions) {
    super(options);
    this.compressor = compressor;
  }
}
