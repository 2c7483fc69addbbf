import { assert } from "./assert.js";
import type { Millis, Timer } from "./platform.js";

/** Values of TimerEntry.index that are no place in the heap. */
const gone = -1;
const setAside = -2;

function nothing(): void {}

/** One timer: what the caller holds and what the heap holds are the same object. */
class TimerEntry implements Timer {
  readonly at: Millis;
  readonly sequence: number;
  readonly holdsProcess: boolean;
  /** Given back once the timer has run or was cancelled, so that a handle that is kept does not keep a call alive. */
  fn: () => void;
  index = gone;
  readonly #table: TimerTable;

  constructor(table: TimerTable, at: Millis, sequence: number, fn: () => void, holdsProcess: boolean) {
    this.#table = table;
    this.at = at;
    this.sequence = sequence;
    this.fn = fn;
    this.holdsProcess = holdsProcess;
  }

  cancel(): void {
    this.#table.remove(this);
  }
}

function isBefore(a: TimerEntry, b: TimerEntry): boolean {
  return a.at < b.at || (a.at === b.at && a.sequence < b.sequence);
}

/**
 * All timers of one platform, in a binary heap by time; equal times run in the order in which they were scheduled.
 *
 * A cancelled timer leaves the heap at once (O(log n)): nearly every deadline is cancelled long before it is due, and
 * must not keep its call in memory until then. Nothing here reads a clock.
 */
export class TimerTable {
  readonly #heap: TimerEntry[] = [];
  readonly #onHoldingChange: ((held: boolean) => void) | undefined;
  #nextSequence = 0;
  #size = 0;
  #holding = 0;

  /** `onHoldingChange` hears when the first timer that holds the process comes (true) and when the last one goes. */
  constructor(onHoldingChange?: (held: boolean) => void) {
    this.#onHoldingChange = onHoldingChange;
  }

  /** Timers that have neither run nor been cancelled. */
  get size(): number {
    return this.#size;
  }

  /** How many of them keep the process alive. */
  get holding(): number {
    return this.#holding;
  }

  /** When the earliest timer is due, Infinity when there is none. Asked from inside `runDue`, it may be too late. */
  get nextAt(): Millis {
    const first = this.#heap[0];
    return first === undefined ? Number.POSITIVE_INFINITY : first.at;
  }

  /** A time that has passed is due at the next `runDue`; Infinity is never. */
  schedule(at: Millis, fn: () => void, holdsProcess: boolean): Timer {
    assert(!Number.isNaN(at), "a timer's time is a number");
    const entry = new TimerEntry(this, at, this.#nextSequence++, fn, holdsProcess);
    this.#insert(entry);
    this.#size++;
    if (holdsProcess && ++this.#holding === 1) this.#onHoldingChange?.(true);
    return entry;
  }

  /**
   * Runs every timer that is due at `now` and was in the table when this call began, in order. What a callback schedules
   * waits for the next call, however early its time: a timer that renews itself cannot keep the process here.
   *
   * A callback that throws does not stop the others. After them its error is thrown, several in one AggregateError.
   */
  runDue(now: Millis): void {
    const endSequence = this.#nextSequence;
    let late: TimerEntry[] | undefined;
    let failures: unknown[] | undefined;
    for (;;) {
      const entry = this.#heap[0];
      if (entry === undefined || entry.at > now) break;
      if (entry.sequence >= endSequence) {
        this.#removeAt(0);
        entry.index = setAside;
        late ??= [];
        late.push(entry);
        continue;
      }
      const fn = entry.fn;
      this.remove(entry);
      try {
        fn();
      } catch (error) {
        failures ??= [];
        failures.push(error);
      }
    }
    if (late !== undefined) for (const entry of late) if (entry.index === setAside) this.#insert(entry);
    if (failures === undefined) return;
    throw failures.length === 1 ? failures[0] : new AggregateError(failures, `${failures.length} timers threw`);
  }

  /** What TimerEntry.cancel does. An entry that is gone is left alone. */
  remove(entry: TimerEntry): void {
    if (entry.index === gone) return;
    if (entry.index >= 0) this.#removeAt(entry.index);
    entry.index = gone;
    entry.fn = nothing;
    this.#size--;
    if (entry.holdsProcess && --this.#holding === 0) this.#onHoldingChange?.(false);
  }

  #insert(entry: TimerEntry): void {
    this.#heap.push(entry);
    this.#siftUp(this.#heap.length - 1, entry);
  }

  /** Takes an entry out of the heap; the last one fills the hole. */
  #removeAt(index: number): void {
    const heap = this.#heap;
    const last = heap.pop() as TimerEntry;
    if (index === heap.length) return;
    const parent = (index - 1) >> 1;
    if (index > 0 && isBefore(last, heap[parent] as TimerEntry)) this.#siftUp(index, last);
    else this.#siftDown(index, last);
  }

  /** Puts `entry` in the hole at `index` or above it. */
  #siftUp(index: number, entry: TimerEntry): void {
    const heap = this.#heap;
    let hole = index;
    while (hole > 0) {
      const parentIndex = (hole - 1) >> 1;
      const parent = heap[parentIndex] as TimerEntry;
      if (!isBefore(entry, parent)) break;
      heap[hole] = parent;
      parent.index = hole;
      hole = parentIndex;
    }
    heap[hole] = entry;
    entry.index = hole;
  }

  /** Puts `entry` in the hole at `index` or below it. */
  #siftDown(index: number, entry: TimerEntry): void {
    const heap = this.#heap;
    const size = heap.length;
    let hole = index;
    for (;;) {
      let childIndex = 2 * hole + 1;
      if (childIndex >= size) break;
      let child = heap[childIndex] as TimerEntry;
      if (childIndex + 1 < size) {
        const right = heap[childIndex + 1] as TimerEntry;
        if (isBefore(right, child)) {
          child = right;
          childIndex++;
        }
      }
      if (!isBefore(child, entry)) break;
      heap[hole] = child;
      child.index = hole;
      hole = childIndex;
    }
    heap[hole] = entry;
    entry.index = hole;
  }
}
