/** Callers that call over and over, so many at a time. */
export class CallerLoad {
  /** Calls that have ended. */
  ended = 0;
  /** What went wrong, a sentence for each call. */
  readonly failures: string[] = [];
  readonly #calling: Promise<unknown>;
  readonly #onEnded = new Set<() => void>();
  #isOver = false;

  /** @param call Rejects with what went wrong. */
  constructor(callers: number, call: () => Promise<unknown>) {
    this.#calling = Promise.all(Array.from({ length: callers }, () => this.#callOver(call)));
  }

  /** Resolves when so many calls more have ended. */
  calls(count: number): Promise<void> {
    const enough = this.ended + count;
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.ended < enough) return;
        this.#onEnded.delete(look);
        resolve();
      };
      this.#onEnded.add(look);
    });
  }

  /** Resolves when the last call has ended, with what went wrong. */
  async stop(): Promise<readonly string[]> {
    this.#isOver = true;
    await this.#calling;
    return this.failures;
  }

  async #callOver(call: () => Promise<unknown>): Promise<void> {
    while (!this.#isOver) {
      try {
        await call();
      } catch (error) {
        this.failures.push(String(error));
        // A failure may come within this very turn: others are to have theirs.
        await new Promise((resolve) => setImmediate(resolve));
      }
      this.ended++;
      for (const look of this.#onEnded) look();
    }
  }
}
