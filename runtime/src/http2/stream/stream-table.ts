import type { StreamId } from "../session-event.js";

/** Slots of a table that has had a stream. */
const firstSlots = 16;
/** Those of one that has none: never written to. */
const noSlots: undefined[] = [undefined];

/**
 * Streams by their id: what a Map would do, without its garbage. A Map under steady insertion and deletion is rebuilt
 * again and again, and each table that it leaves behind points to the next one and to everything that it held. Once one
 * of them is old, all that follow are promoted with it: half of what a busy connection allocated survived its scavenges.
 *
 * Ids come in steps of two, so the newest streams have a slot each. A stream that is still there when its slot is wanted
 * again has outlived many others; it moves to a Map, where such streams are few.
 */
export class StreamTable<T extends { readonly id: StreamId }> {
  #slots: (T | undefined)[] = noSlots;
  #mask = 0;
  #size = 0;
  #longLived: Map<StreamId, T> | undefined;

  get size(): number {
    return this.#size;
  }

  get(id: StreamId): T | undefined {
    const stream = this.#slots[(id >>> 1) & this.#mask];
    if (stream !== undefined && stream.id === id) return stream;
    return this.#longLived?.get(id);
  }

  /** Adds a stream whose id is not in the table. */
  add(stream: T): void {
    this.#size += 1;
    if (this.#size * 2 > this.#slots.length) this.#grow();
    this.#place(stream);
  }

  delete(id: StreamId): boolean {
    const index = (id >>> 1) & this.#mask;
    if (this.#slots[index]?.id === id) this.#slots[index] = undefined;
    else if (this.#longLived?.delete(id) !== true) return false;
    this.#size -= 1;
    return true;
  }

  /** All streams now, in no order. */
  values(): T[] {
    const streams = this.#longLived === undefined ? [] : [...this.#longLived.values()];
    for (const stream of this.#slots) if (stream !== undefined) streams.push(stream);
    return streams;
  }

  /** Gives back what a table without a stream does not need. */
  rest(): void {
    if (this.#size > 0) return;
    this.#slots = noSlots;
    this.#mask = 0;
    this.#longLived = undefined;
  }

  #place(stream: T): void {
    const index = (stream.id >>> 1) & this.#mask;
    const older = this.#slots[index];
    if (older !== undefined) {
      this.#longLived ??= new Map();
      this.#longLived.set(older.id, older);
    }
    this.#slots[index] = stream;
  }

  #grow(): void {
    const streams = this.#slots;
    const count = Math.max(firstSlots, streams.length * 2);
    this.#slots = new Array<T | undefined>(count).fill(undefined);
    this.#mask = count - 1;
    for (const stream of streams) if (stream !== undefined) this.#place(stream);
  }
}
