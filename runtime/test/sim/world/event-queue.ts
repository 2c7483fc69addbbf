import type { Millis } from "../../../src/base/platform.js";
import type { SeededRandom } from "../../hpack/random.js";

/** Whoever an event happens to: while a process stands still its events wait, and those of a dead one never come. */
export interface EventOwner {
  readonly standsStillUntil: Millis;
  readonly isDead: boolean;
}

interface SimEvent {
  readonly at: Millis;
  /** Which of two events at the same time comes first: the dice say. */
  readonly tie: number;
  readonly owner: EventOwner | undefined;
  readonly fn: () => void;
}

function isBefore(a: SimEvent, b: SimEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}

/**
 * Virtual time and everything that is going to happen in it, in a binary heap. Events of one moment come in an order that
 * the seed decides: whoever needs an order of its own keeps a queue and takes its head with each event.
 */
export class EventQueue {
  now: Millis = 0;
  /** Events that have happened. */
  ran = 0;
  readonly #heap: SimEvent[] = [];
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  get size(): number {
    return this.#heap.length;
  }

  get nextAt(): Millis {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** A time that has passed is now. */
  schedule(at: Millis, fn: () => void, owner?: EventOwner): void {
    this.#push({ at: Math.max(at, this.now), tie: this.#random.next(), owner, fn });
  }

  /** Lets the next event happen, and time pass until then. False: there is none. */
  step(): boolean {
    const event = this.#pop();
    if (event === undefined) return false;
    this.now = event.at;
    const { owner } = event;
    if (owner === undefined) {
      this.ran++;
      event.fn();
    } else if (owner.standsStillUntil > this.now) {
      this.schedule(owner.standsStillUntil, event.fn, owner);
    } else if (!owner.isDead) {
      this.ran++;
      event.fn();
    }
    return true;
  }

  #push(event: SimEvent): void {
    const heap = this.#heap;
    let hole = heap.length;
    heap.push(event);
    while (hole > 0) {
      const parentIndex = (hole - 1) >> 1;
      const parent = heap[parentIndex] as SimEvent;
      if (!isBefore(event, parent)) break;
      heap[hole] = parent;
      hole = parentIndex;
    }
    heap[hole] = event;
  }

  #pop(): SimEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let hole = 0;
    for (;;) {
      let childIndex = 2 * hole + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex++;
      }
      if (!isBefore(child, last)) break;
      heap[hole] = child;
      hole = childIndex;
    }
    heap[hole] = last;
    return first;
  }
}
