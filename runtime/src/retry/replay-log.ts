import { messageOverheadBytes, type ReplayBudget } from "./replay-budget.js";

/** Of every log that keeps nothing; never written to. */
const noMessages: unknown[] = [];

/**
 * The messages of a call that may have to be sent again: the objects themselves, counted by their encoded size, which is
 * known once an attempt has encoded them. Until then back-pressure holds them: a call that is told to wait keeps one.
 */
export class ReplayLog {
  readonly #budget: ReplayBudget;
  #messages: unknown[] = noMessages;
  #bytes = 0;
  /** Messages whose size has been counted: later attempts encode them again. */
  #measured = 0;

  constructor(budget: ReplayBudget) {
    this.#budget = budget;
  }

  /** In order. Whoever goes through them may hold on to the list: `release` leaves it as it is. */
  get messages(): readonly unknown[] {
    return this.#messages;
  }

  /** False: the limit is reached, and the call must not be sent again once this message has gone. */
  keep(message: unknown): boolean {
    // Most calls have one, and an array that grows takes room for sixteen more.
    if (this.#messages.length === 0) this.#messages = [message];
    else this.#messages.push(message);
    return this.#count(messageOverheadBytes);
  }

  /** Message `index` of an attempt was encoded. False as with `keep`. */
  onEncoded(index: number, bytes: number): boolean {
    if (index < this.#measured) return true;
    this.#measured = index + 1;
    return this.#count(bytes);
  }

  /** Keeps nothing any more. Idempotent. */
  release(): void {
    this.#budget.give(this.#bytes);
    this.#bytes = 0;
    this.#messages = noMessages;
  }

  #count(bytes: number): boolean {
    if (this.#bytes + bytes > this.#budget.maxCallBytes || !this.#budget.take(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }
}
