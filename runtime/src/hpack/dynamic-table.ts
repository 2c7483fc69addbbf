/** What an entry costs beyond its name and value (RFC 7541 §4.1). */
export const entryOverheadBytes = 32;

/** Told of each entry that leaves a table. */
export interface EvictionListener {
  /** @param sequence Which insertion it was, counted from 1. */
  onEvict(name: string, value: string, sequence: number): void;
}

/** Slots of a table that has had an entry: what a call between two programs that talk gRPC brings. */
const firstSlots = 8;
/** The ring of a table without an entry: never written to. */
const noEntries: string[] = [];

/** The dynamic table of RFC 7541 §2.3.2: a queue in a ring, so that insertion and eviction cost the same at any size. */
export class DynamicTable {
  /** Changes with each insertion, eviction and resize: what was true of the table's indices at an epoch stays true in it. */
  epoch = 0;
  /** Insertions since the beginning. The newest entry has this sequence number. */
  insertCount = 0;
  /** Entries in the table. */
  length = 0;
  /** Bytes in the table, in the sense of RFC 7541 §4.1. */
  bytes = 0;
  /** Name at even, value at odd index, of one slot after the other. */
  #ring: string[] = noEntries;
  /** Slots less one: their number is a power of two, or 0. */
  #mask = -1;

  constructor(
    /** Bytes that the table may hold. */
    public maxBytes: number,
    private readonly listener?: EvictionListener,
  ) {}

  /** Name of an entry; 1 is the newest, `length` the oldest. */
  nameAt(index: number): string {
    return this.#ring[2 * ((this.insertCount - index + 1) & this.#mask)] as string;
  }

  valueAt(index: number): string {
    return this.#ring[2 * ((this.insertCount - index + 1) & this.#mask) + 1] as string;
  }

  /** Bytes that go in before an entry must leave. */
  get freeBytes(): number {
    return this.maxBytes - this.bytes;
  }

  /** An entry larger than the table empties it and does not go in (RFC 7541 §4.4). */
  insert(name: string, value: string): void {
    const entryBytes = name.length + value.length + entryOverheadBytes;
    this.epoch++;
    this.#evictTo(this.maxBytes - entryBytes);
    if (entryBytes > this.maxBytes) return;
    if (this.length > this.#mask) this.#grow();
    const at = 2 * (++this.insertCount & this.#mask);
    this.#ring[at] = name;
    this.#ring[at + 1] = value;
    this.length++;
    this.bytes += entryBytes;
  }

  /** Sets how much the table may hold, and evicts what is over (RFC 7541 §4.3). */
  resize(maxBytes: number): void {
    this.epoch++;
    this.maxBytes = maxBytes;
    this.#evictTo(maxBytes);
  }

  #evictTo(bytes: number): void {
    while (this.bytes > bytes && this.length > 0) {
      const sequence = this.insertCount - this.length + 1;
      const at = 2 * (sequence & this.#mask);
      const name = this.#ring[at] as string;
      const value = this.#ring[at + 1] as string;
      this.#ring[at] = "";
      this.#ring[at + 1] = "";
      this.length--;
      this.bytes -= name.length + value.length + entryOverheadBytes;
      this.listener?.onEvict(name, value, sequence);
    }
  }

  #grow(): void {
    const slots = Math.max(firstSlots, (this.#mask + 1) * 2);
    const ring = new Array<string>(2 * slots).fill("");
    for (let index = 1; index <= this.length; index++) {
      const at = 2 * ((this.insertCount - index + 1) & (slots - 1));
      ring[at] = this.nameAt(index);
      ring[at + 1] = this.valueAt(index);
    }
    this.#ring = ring;
    this.#mask = slots - 1;
  }
}
