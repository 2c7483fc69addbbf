import type { CompressionJob } from "../../base/platform.js";

/**
 * Starts work for another thread, and returns how to stop it. It calls `release` exactly once, when the thread is free
 * again: also when it was stopped.
 */
export type Work = (release: () => void) => () => void;

interface Waiting {
  readonly work: Work;
  /** Undefined until it has begun. */
  stop: (() => void) | undefined;
}

/** Lets so many jobs run at a time and the others wait in order. */
export class JobLane {
  readonly #limit: number;
  readonly #waiting = new Set<Waiting>();
  #running = 0;
  readonly #release = (): void => this.#onRelease();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Jobs that have not begun. */
  get waiting(): number {
    return this.#waiting.size;
  }

  run(work: Work): CompressionJob {
    const job: Waiting = { work, stop: undefined };
    if (this.#running >= this.#limit) this.#waiting.add(job);
    else this.#start(job);
    return {
      cancel: () => {
        if (!this.#waiting.delete(job)) job.stop?.();
      },
    };
  }

  #start(job: Waiting): void {
    this.#running++;
    job.stop = job.work(this.#release);
  }

  #onRelease(): void {
    this.#running--;
    for (const next of this.#waiting) {
      this.#waiting.delete(next);
      this.#start(next);
      return;
    }
  }
}
