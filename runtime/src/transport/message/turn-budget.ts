/** Something that had to stop for this turn, and goes on in one that follows. */
export interface Resumable {
  resume(): void;
}

/** Who is asked for a turn. */
export interface TurnSource {
  schedule(): void;
}

/**
 * Messages that one connection may bring in one turn of the event loop: many that are tiny must not keep the other
 * connections, and the timers, waiting. Whoever finds the turn used up waits, first come, first served; each stops again
 * where its turn ends.
 */
export class TurnBudget {
  readonly #messagesPerTurn: number;
  #source: TurnSource;
  #left: number;
  #taken = 0;
  /** Undefined when nobody does. */
  #waiting: Set<Resumable> | undefined;

  constructor(messagesPerTurn: number, source: TurnSource) {
    this.#messagesPerTurn = messagesPerTurn;
    this.#source = source;
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
    this.#wait(who);
    return false;
  }

  /** The connection has no turns of its own any more: from here on `source` is asked for those that are still wanted. */
  outlive(source: TurnSource): void {
    this.#source = source;
    if (this.#isAwaited) source.schedule();
  }

  /** Gives back what was taken for nothing. */
  giveBack(): void {
    this.#left += 1;
    this.#taken -= 1;
  }

  /** `who` does not want to be resumed any more. */
  forget(who: Resumable): void {
    this.#waiting?.delete(who);
  }

  /** A turn begins. */
  renew(): void {
    this.#left = this.#messagesPerTurn;
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    const rest: Resumable[] = [];
    for (const who of waiting) {
      if (this.#left > 0) who.resume();
      else rest.push(who);
    }
    if (rest.length === 0) return;
    // Whoever had a share of this turn stands behind those who had none.
    if (!this.#isAwaited) this.#source.schedule();
    this.#waiting = new Set([...rest, ...(this.#waiting ?? [])]);
  }

  get #isAwaited(): boolean {
    return this.#waiting !== undefined && this.#waiting.size > 0;
  }

  #wait(who: Resumable): void {
    if (!this.#isAwaited) this.#source.schedule();
    this.#waiting ??= new Set();
    this.#waiting.add(who);
  }
}
