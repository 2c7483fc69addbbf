import { setImmediate } from "node:timers";
import { inRootScope } from "./root-scope.js";

/**
 * Runs callbacks in the next turn of the event loop, all of one turn in one immediate.
 *
 * What a callback schedules runs in the turn after, so that the sockets have their say in between. A callback that
 * throws does not stop the others; after them its error is thrown, several in one AggregateError.
 */
export class TurnQueue {
  #waiting: (() => void)[] = [];
  /** The array of the last turn, empty, to be used again. */
  #spare: (() => void)[] = [];
  readonly #run = (): void => this.#runTurn();

  schedule(fn: () => void): void {
    if (this.#waiting.push(fn) === 1) inRootScope(setImmediate, this.#run);
  }

  #runTurn(): void {
    const turn = this.#waiting;
    this.#waiting = this.#spare;
    let failures: unknown[] | undefined;
    for (const fn of turn) {
      try {
        fn();
      } catch (error) {
        failures ??= [];
        failures.push(error);
      }
    }
    turn.length = 0;
    this.#spare = turn;
    if (failures === undefined) return;
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, `${failures.length} turns threw`);
  }
}
