import { performance } from "node:perf_hooks";
import { type Measurement, measurementOf } from "./closed-loop.js";
import { LatencyHistogram } from "./latency-histogram.js";

/** The client's half of a stream on which every message is answered with the same index, in order. */
export interface PingPongStream {
  send(index: number): void;
  finish(): void;
}

/** Keeps a window of messages in flight and checks that each is answered, in order. */
export class PingPong {
  readonly #stream: PingPongStream;
  readonly #sentAt: Float64Array;
  readonly #latencies = new LatencyHistogram();
  readonly #startedAt = performance.now();
  readonly #endAt: number;
  #sent = 0;
  #answered = 0;
  #lastAt = 0;

  constructor(stream: PingPongStream, inFlight: number, durationMs: number) {
    this.#stream = stream;
    this.#sentAt = new Float64Array(inFlight);
    this.#endAt = this.#startedAt + durationMs;
    for (let i = 0; i < inFlight; i++) this.#send(this.#startedAt);
  }

  onAnswer(index: number): void {
    if (index !== this.#answered) throw new Error(`answer has index ${index}, expected ${this.#answered}`);
    const now = performance.now();
    this.#latencies.record(now - (this.#sentAt[index % this.#sentAt.length] as number));
    this.#answered++;
    this.#lastAt = now;
    if (now < this.#endAt) this.#send(now);
    else if (this.#answered === this.#sent) this.#stream.finish();
  }

  result(): Measurement {
    return measurementOf(this.#answered, this.#lastAt - this.#startedAt, this.#latencies);
  }

  #send(now: number): void {
    this.#sentAt[this.#sent % this.#sentAt.length] = now;
    this.#stream.send(this.#sent++);
  }
}
