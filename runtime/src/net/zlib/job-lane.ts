import { Deque } from "../../base/deque.js";

/** Work for another thread. It calls `release` exactly once, when the thread is free again. */
export type Job = (release: () => void) => void;

/** Lets so many jobs run at a time and the others wait in order. */
export class JobLane {
  readonly #limit: number;
  readonly #waiting = new Deque<Job>();
  #running = 0;
  readonly #release = (): void => this.#onRelease();

  constructor(limit: number) {
    this.#limit = limit;
  }

  run(job: Job): void {
    if (this.#running >= this.#limit) {
      this.#waiting.push(job);
      return;
    }
    this.#running++;
    job(this.#release);
  }

  #onRelease(): void {
    this.#running--;
    const next = this.#waiting.shift();
    if (next !== undefined) this.run(next);
  }
}
