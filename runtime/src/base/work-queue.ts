/**
 * Runs one piece of work at a time, in the order of arrival. Work that arrives while another runs waits until that is
 * done, so that no piece ever sees a state that another has left half-way.
 */
export class WorkQueue {
  readonly #onError: (error: unknown) => void;
  #waiting: (() => void)[] = [];
  #running = false;

  /** @param onError Hears what a piece of work threw; the pieces behind it run all the same. Must not throw. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Runs `work` now or, from within other work, behind everything that was given before it. */
  run(work: () => void): void {
    this.#waiting.push(work);
    if (this.#running) return;
    this.#running = true;
    // The list grows while it is walked: what is given meanwhile runs in this same loop.
    for (let i = 0; i < this.#waiting.length; i++) this.#runOne(this.#waiting[i] as () => void);
    this.#waiting = [];
    this.#running = false;
  }

  #runOne(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#onError(error);
    }
  }
}
