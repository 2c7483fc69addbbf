/**
 * Load that waits for no answer: a call is due at a time that was fixed beforehand, and its latency counts from then, whenever
 * it was sent. A client that waits for a slow answer before it sends the next call would not see what the callers behind it
 * see (coordinated omission).
 */
import { type Measurement, quantilesOf, type StartOperation } from "./closed-loop.js";
import { LatencyHistogram } from "./latency-histogram.js";
import { eventLoopPace, measureEmptyTurnUs, type Pace } from "./pace.js";

export interface OpenLoad {
  /** When calls are due: milliseconds from the start, ascending. */
  readonly dueMs: Float64Array;
  readonly durationMs: number;
  /** What is due beyond it is sent when others have been answered. */
  readonly maxInFlight: number;
}

/** `operations` are the calls that were answered within the time, so `elapsedMs` is the duration. */
export interface OpenLoopMeasurement extends Measurement {
  readonly openLoop: OpenLoopFigures;
}

export interface OpenLoopFigures {
  /** Calls that were due. */
  readonly due: number;
  /** Of these, calls that had not even been sent by the end. In the latencies they have what they had waited until then. */
  readonly unsent: number;
  readonly mostInFlight: number;
  /** How much later than due calls were sent: the generator's own share of their latency, and their wait for others. */
  readonly lateP50Us: number | undefined;
  readonly lateP99Us: number | undefined;
  /** What looking at the clock costs where nothing is due, the turn of the event loop included. Undefined: it sleeps till then. */
  readonly emptyTurnUs?: number;
}

/** Fewer answers than this share of what was due: the load was more than the system takes. */
const keptUpShare = 0.95;

export function keptUp({ operations, openLoop }: Pick<OpenLoopMeasurement, "operations" | "openLoop">): boolean {
  return openLoop.unsent === 0 && operations >= openLoop.due * keptUpShare;
}

/** Resolves when every call that was sent has been answered. Rejects with the first error. */
export async function runOpenLoop(
  load: OpenLoad,
  start: StartOperation,
  pace: Pace = eventLoopPace,
): Promise<OpenLoopMeasurement> {
  const emptyTurnUs = await measureEmptyTurnUs(pace);
  return new OpenLoop(load, start, pace, emptyTurnUs).run();
}

class OpenLoop {
  readonly #load: OpenLoad;
  readonly #start: StartOperation;
  readonly #pace: Pace;
  readonly #emptyTurnUs: number;
  readonly #latencies = new LatencyHistogram();
  readonly #lateness = new LatencyHistogram();
  #startedAt = 0;
  #sent = 0;
  #inFlight = 0;
  #mostInFlight = 0;
  #answeredInTime = 0;
  #stopped = false;
  #onEnd: () => void = () => {};
  #onFailure: (error: unknown) => void = () => {};

  constructor(load: OpenLoad, start: StartOperation, pace: Pace, emptyTurnUs: number) {
    this.#load = load;
    this.#start = start;
    this.#pace = pace;
    this.#emptyTurnUs = emptyTurnUs;
  }

  run(): Promise<OpenLoopMeasurement> {
    return new Promise((resolve, reject) => {
      this.#onEnd = () => resolve(this.#result());
      this.#onFailure = reject;
      this.#startedAt = this.#pace.now();
      this.#turn();
    });
  }

  #turn(): void {
    if (this.#stopped) return;
    const over = this.#elapsed() >= this.#load.durationMs;
    this.#sendDue();
    if (over) this.#stop();
    else this.#pace.nextTurn(() => this.#turn());
  }

  /** After a stall all that has become due meanwhile is sent at once, as its callers would have. */
  #sendDue(): void {
    const { dueMs, maxInFlight } = this.#load;
    while (this.#sent < dueMs.length && this.#inFlight < maxInFlight && !this.#stopped) {
      const due = dueMs[this.#sent] as number;
      const late = this.#elapsed() - due;
      if (late < 0) return;
      this.#lateness.record(late);
      this.#send(due);
    }
  }

  #send(due: number): void {
    this.#sent++;
    this.#inFlight++;
    this.#mostInFlight = Math.max(this.#mostInFlight, this.#inFlight);
    this.#start((error) => this.#onDone(due, error));
  }

  #onDone(due: number, error: unknown): void {
    if (error !== undefined) {
      this.#stopped = true;
      this.#onFailure(error);
      return;
    }
    const at = this.#elapsed();
    this.#latencies.record(at - due);
    if (at <= this.#load.durationMs) this.#answeredInTime++;
    this.#inFlight--;
    if (this.#stopped && this.#inFlight === 0) this.#onEnd();
  }

  #stop(): void {
    const { dueMs } = this.#load;
    const at = this.#elapsed();
    for (let index = this.#sent; index < dueMs.length; index++) this.#latencies.record(at - (dueMs[index] as number));
    this.#stopped = true;
    if (this.#inFlight === 0) this.#onEnd();
  }

  #elapsed(): number {
    return this.#pace.now() - this.#startedAt;
  }

  #result(): OpenLoopMeasurement {
    const { dueMs, durationMs } = this.#load;
    return {
      operations: this.#answeredInTime,
      elapsedMs: durationMs,
      ...quantilesOf(this.#latencies),
      openLoop: {
        due: dueMs.length,
        unsent: dueMs.length - this.#sent,
        mostInFlight: this.#mostInFlight,
        lateP50Us: this.#lateness.quantileUs(0.5),
        lateP99Us: this.#lateness.quantileUs(0.99),
        emptyTurnUs: this.#emptyTurnUs,
      },
    };
  }
}
