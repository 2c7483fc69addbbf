import { textOfThrown } from "../../base/text-of-thrown.js";

/** Runs what a listener does, so that no fault of its ends a call; the first one is told. */
export class Guard {
  readonly #warn: (message: string) => void;
  #hasWarned = false;

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  /** Undefined when it throws. */
  run<T>(fn: () => T): T | undefined {
    try {
      return fn();
    } catch (error) {
      this.#tell(error);
      return undefined;
    }
  }

  #tell(error: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#warn(`a listener given as \`stats\` threw, and may count wrongly from now on: ${textOfThrown(error)}`);
  }
}
