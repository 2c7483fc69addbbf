/** Something that had to stop for this turn, and goes on in one that follows. */
export interface Resumable {
  resume(): void;
}

/**
 * Messages that one connection may bring in one turn of the event loop: many that are tiny must not keep the other
 * connections, and the timers, waiting. Whoever finds the turn used up waits, first come, first served; each stops again
 * where its turn ends.
 */
export class TurnBudget {
  readonly #messagesPerTurn: number;
  #schedule: () => void;
  #left: number;
  #taken = 0;
  #waiting = new Set<Resumable>();

  /** `schedule` asks for a turn. */
  constructor(messagesPerTurn: number, schedule: () => void) {
    this.#messagesPerTurn = messagesPerTurn;
    this.#schedule = schedule;
    this.#left = messagesPerTurn;
  }

  /** Messages that were taken since the beginning. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes one message; false: `who` is resumed in a later turn. */
  take(who: Resumable): boolean {
    if (this.#left > 0) {
      this.#left -= 1;
      this.#taken += 1;
      return true;
    }
    if (this.#waiting.size === 0) this.#schedule();
    this.#waiting.add(who);
    return false;
  }

  /** The connection has no turns of its own any more: from here on `schedule` asks for those that are still wanted. */
  outlive(schedule: () => void): void {
    this.#schedule = schedule;
    if (this.#waiting.size > 0) schedule();
  }

  /** Gives back what was taken for nothing. */
  giveBack(): void {
    this.#left += 1;
    this.#taken -= 1;
  }

  /** `who` does not want to be resumed any more. */
  forget(who: Resumable): void {
    if (this.#waiting.size > 0) this.#waiting.delete(who);
  }

  /** A turn begins. */
  renew(): void {
    this.#left = this.#messagesPerTurn;
    if (this.#waiting.size === 0) return;
    const waiting = this.#waiting;
    this.#waiting = new Set();
    const rest: Resumable[] = [];
    for (const who of waiting) {
      if (this.#left > 0) who.resume();
      else rest.push(who);
    }
    if (rest.length === 0) return;
    // Whoever had a share of this turn stands behind those who had none.
    if (this.#waiting.size === 0) this.#schedule();
    this.#waiting = new Set([...rest, ...this.#waiting]);
  }
}
