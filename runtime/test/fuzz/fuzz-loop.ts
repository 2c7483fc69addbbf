/** Plays inputs in batches, guided by coverage: what reaches new code is kept and mutated. */
import type { Novelty } from "./coverage-probe.js";
import { DistinctCount } from "./distinct-count.js";
import { runGuarded } from "./guarded-run.js";
import { RandomOctets } from "./random-octets.js";
import { retainedBytesOf } from "./retained-memory.js";
import { Tape } from "./tape.js";
import { maxTapeOctets, TapeMaker } from "./tape-maker.js";
import type { FuzzTarget } from "./target.js";

/** Batches are small while there is much to find, for finding out which of its inputs found it plays them again. */
const minBatch = 32;
const maxBatch = 2048;
/** CPU time of one input per 64 KiB, in milliseconds, from which on it counts as a hang. */
const hangMs = 50;
const defaultBatchTimeoutMs = 30_000;
/** A batch that takes longer does not grow: what is slow and works must not look like what never ends. */
const longBatchMs = 1000;
/** Inputs whose memory is measured together: garbage has to be collected for it. */
const measuredTogether = 16;

/** What an input did wrong. */
export interface Failure {
  readonly tape: Uint8Array;
  readonly error: Error;
}

/** Tells which code has run: CoverageProbe. */
export interface Guide {
  take(): readonly Novelty[];
  accept(novelties: readonly Novelty[]): void;
}

export interface FuzzOptions {
  readonly seed: number;
  /** Without one the loop is not guided: every input is fresh. */
  readonly guide?: Guide;
  /** See DistinctCount. */
  readonly distinctLogBits: number;
  /** Time for one batch, in milliseconds. Default 30 seconds: what takes longer never ends. */
  readonly batchTimeoutMs?: number;
}

export class FuzzLoop {
  inputs = 0;
  /** The most that kept inputs left in use, on average of those that were measured together. */
  maxRetainedBytes = 0;
  readonly maker: TapeMaker;
  readonly distinct: DistinctCount;

  readonly #target: FuzzTarget;
  #guide: Guide | undefined;
  readonly #batchTimeoutMs: number;
  readonly #tape = new Tape();
  readonly #octets: Uint8Array[];
  readonly #lengths = new Int32Array(maxBatch);
  #batch = minBatch;
  /** Inputs that were kept, and whose memory has not been measured. */
  readonly #unmeasured: Uint8Array[] = [];
  /** The input that is being played. */
  #current = 0;

  constructor(target: FuzzTarget, options: FuzzOptions) {
    this.#target = target;
    this.#guide = options.guide;
    this.#batchTimeoutMs = options.batchTimeoutMs ?? defaultBatchTimeoutMs;
    this.maker = new TapeMaker(new RandomOctets(options.seed));
    this.distinct = new DistinctCount(options.distinctLogBits);
    this.#octets = Array.from({ length: maxBatch }, () => new Uint8Array(maxTapeOctets));
  }

  /** From here on what was kept is mutated, and nothing more is kept: without the counting of coverage, three times as fast. */
  unguide(): void {
    this.#guide = undefined;
  }

  /** Plays one batch, of at most `most` inputs. */
  step(most: number): Failure | undefined {
    const count = Math.min(this.#batch, most);
    for (let i = 0; i < count; i++) this.#lengths[i] = this.maker.make(this.#octets[i] as Uint8Array);
    const started = performance.now();
    const failure = this.#guard(() => this.#play(0, count, true));
    if (failure !== undefined) return failure;
    this.inputs += count;
    const novelties = this.#guide?.take() ?? [];
    if (novelties.length === 0) {
      const growth = performance.now() - started < longBatchMs ? 2 : 0.5;
      this.#batch = Math.max(minBatch, Math.min(maxBatch, this.#batch * growth));
      return undefined;
    }
    this.#batch = minBatch;
    const found = this.#guard(() => this.#credit(0, count));
    this.#guide?.accept(novelties);
    return found;
  }

  /** Looks at what the last inputs that were kept leave behind. */
  finish(): Failure | undefined {
    return this.#guard(() => this.#measure());
  }

  #guard(play: () => void): Failure | undefined {
    try {
      if (runGuarded(play, this.#batchTimeoutMs)) return undefined;
      return this.#failure(new Error(`the input did not come to an end in ${this.#batchTimeoutMs} ms`));
    } catch (error) {
      return this.#failure(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #failure(error: Error): Failure {
    return { tape: this.#input(this.#current).slice(), error };
  }

  #input(index: number): Uint8Array {
    return (this.#octets[index] as Uint8Array).subarray(0, this.#lengths[index]);
  }

  #play(from: number, to: number, isNew: boolean): void {
    const tape = this.#tape;
    let before = performance.now();
    for (let i = from; i < to; i++) {
      this.#current = i;
      this.#target.run(tape.load(this.#octets[i] as Uint8Array, this.#lengths[i] as number));
      if (isNew) this.distinct.add(tape.digest);
      const after = performance.now();
      if (after - before > hangMs / 2) this.#judgeTime(tape.fedBytes);
      before = after;
    }
  }

  /** The clock on the wall also counts what others do: the input is played again, and its CPU time is taken. */
  #judgeTime(fedBytes: number): void {
    const limit = hangMs * Math.max(1, fedBytes / 65536);
    let least = Number.POSITIVE_INFINITY;
    for (let times = 0; times < 3 && least > limit / 2; times++) {
      const start = process.cpuUsage();
      this.#target.run(new Tape(this.#input(this.#current)));
      const { user, system } = process.cpuUsage(start);
      least = Math.min(least, (user + system) / 1000);
    }
    if (least > limit) throw new Error(`the input of ${fedBytes} bytes takes ${least} ms of CPU time, limit ${limit}`);
  }

  /** Finds the inputs among [from, to) that reached new code, by playing them again in ever smaller parts. */
  #credit(from: number, to: number): void {
    this.#play(from, to, false);
    const novelties = this.#guide?.take() ?? [];
    if (novelties.length === 0) return;
    if (to - from > 1) {
      const middle = (from + to) >>> 1;
      this.#credit(from, middle);
      this.#credit(middle, to);
      return;
    }
    this.#guide?.accept(novelties);
    this.#keep(from);
  }

  #keep(index: number): void {
    // What was not read means nothing: a mutation there would be for nothing too.
    const input = this.#input(index).slice(0, Math.max(1, this.#tape.used));
    this.maker.keep(input);
    this.#unmeasured.push(input);
    if (this.#unmeasured.length >= measuredTogether) this.#measure();
  }

  #measure(): void {
    const inputs = this.#unmeasured.splice(0);
    // Together they hold no more than one may: so does each. Otherwise each is looked at, as often as makes the same sum.
    if (this.#retainedBy(inputs) <= this.#target.maxRetainedBytes) return;
    for (const input of inputs) {
      const bytes = this.#retainedBy(new Array<Uint8Array>(measuredTogether).fill(input)) / measuredTogether;
      const limit = this.#target.maxRetainedBytes;
      if (bytes > limit) throw new Error(`the input leaves ${Math.round(bytes)} bytes in use, limit ${limit}`);
    }
  }

  #retainedBy(inputs: readonly Uint8Array[]): number {
    const bytes = retainedBytesOf(inputs.map((input) => () => this.#target.run(new Tape(input))));
    this.maxRetainedBytes = Math.max(this.maxRetainedBytes, Math.round(bytes / inputs.length));
    return bytes;
  }
}
