import { DynamicTable, type EvictionListener } from "./dynamic-table.js";
import { type StaticName, staticNameTable, staticTableLength } from "./static-table.js";

/** All that the encoder knows of one name: one look-up by name, then comparisons, and no key is ever built. */
export class KnownName {
  /** Sequence and value of the newest dynamic entry under this name; 0 when there is none. */
  newest = 0;
  newestValue = "";
  /** Sequences of the dynamic entries under this name by value. */
  readonly sequences = new Map<string, number>();
  /** The last value that neither table had. A value that comes twice in a row is worth an entry. */
  lastMissed: string | undefined = undefined;

  constructor(
    readonly staticName: StaticName | undefined,
    readonly neverIndexed: boolean,
  ) {}
}

/**
 * Both tables as the encoder sees them: finds the index of a field and of a name in constant time. What it remembers
 * beyond the dynamic table is bounded by the static table and the set of names that are never indexed.
 */
export class EncoderTable implements EvictionListener {
  readonly dynamic: DynamicTable;
  readonly #neverIndexed: ReadonlySet<string>;
  readonly #names = new Map<string, KnownName>();

  constructor(maxBytes: number, neverIndexed: ReadonlySet<string>) {
    this.dynamic = new DynamicTable(maxBytes, this);
    this.#neverIndexed = neverIndexed;
  }

  find(name: string): KnownName | undefined {
    return this.#names.get(name) ?? this.#meet(name);
  }

  /** Index of the entry with this name and value, 0 when there is none. */
  fieldIndex(known: KnownName, value: string): number {
    if (known.newest !== 0 && known.newestValue === value) return this.#indexOf(known.newest);
    const inStatic = known.staticName?.values.get(value);
    if (inStatic !== undefined) return inStatic;
    if (known.sequences.size < 2) return 0;
    const sequence = known.sequences.get(value);
    return sequence === undefined ? 0 : this.#indexOf(sequence);
  }

  /** An index whose entry has this name, the lowest where there is a choice; 0 when there is none. */
  nameIndex(known: KnownName): number {
    if (known.staticName !== undefined) return known.staticName.index;
    return known.newest === 0 ? 0 : this.#indexOf(known.newest);
  }

  /** The caller has seen to it that the entry is not larger than the table. */
  insert(name: string, value: string): void {
    this.dynamic.insert(name, value);
    let known = this.find(name);
    if (known === undefined) {
      known = new KnownName(undefined, false);
      this.#names.set(name, known);
    }
    known.newest = this.dynamic.insertCount;
    known.newestValue = value;
    known.sequences.set(value, known.newest);
    known.lastMissed = value;
  }

  onEvict(name: string, value: string, sequence: number): void {
    const known = this.#names.get(name);
    if (known === undefined) return;
    if (known.sequences.get(value) === sequence) known.sequences.delete(value);
    if (known.newest !== sequence) return;
    // Entries leave in the order in which they came: with the newest gone, none is left under this name.
    known.newest = 0;
    known.newestValue = "";
    if (known.staticName === undefined && !known.neverIndexed) this.#names.delete(name);
  }

  /** Of the names that are known from the start, what a connection never says takes no memory in it. */
  #meet(name: string): KnownName | undefined {
    const staticName = staticNameTable.get(name);
    const neverIndexed = this.#neverIndexed.has(name);
    if (staticName === undefined && !neverIndexed) return undefined;
    const known = new KnownName(staticName, neverIndexed);
    this.#names.set(name, known);
    return known;
  }

  #indexOf(sequence: number): number {
    return staticTableLength + this.dynamic.insertCount - sequence + 1;
  }
}
