import { DynamicTable, type EvictionListener } from "./dynamic-table.js";
import { type StaticName, staticNameTable, staticTableLength } from "./static-table.js";

/** All that the encoder knows of one name: one look-up by name, then comparisons, and no key is ever built. */
export class KnownName {
  /** Sequence and value of the newest dynamic entry under this name; 0 when there is none. */
  newest = 0;
  newestValue = "";
  /** Sequences of the dynamic entries under this name by value; undefined while there has been one value at most. */
  sequences: Map<string, number> | undefined;
  /** The last value that neither table had. A value that comes twice in a row is worth an entry. */
  lastMissed: string | undefined = undefined;

  constructor(
    readonly staticName: StaticName | undefined,
    readonly neverIndexed: boolean,
  ) {}
}

/** Takes note of the newest entry under a name. */
function addEntry(known: KnownName, value: string, sequence: number): void {
  if (known.sequences !== undefined) known.sequences.set(value, sequence);
  else if (known.newest !== 0 && known.newestValue !== value) {
    known.sequences = new Map([
      [known.newestValue, known.newest],
      [value, sequence],
    ]);
  }
  known.newest = sequence;
  known.newestValue = value;
}

/**
 * Both tables as the encoder sees them: finds the index of a field and of a name in constant time. What it remembers
 * beyond the dynamic table is bounded by the static table and the set of names that are never indexed.
 */
export class EncoderTable implements EvictionListener {
  readonly dynamic: DynamicTable;
  readonly #neverIndexed: ReadonlySet<string>;
  /** Made from the dynamic table when it is needed: a connection at rest has none. */
  #names: Map<string, KnownName> | undefined;

  constructor(maxBytes: number, neverIndexed: ReadonlySet<string>) {
    this.dynamic = new DynamicTable(maxBytes, this);
    this.#neverIndexed = neverIndexed;
  }

  find(name: string): KnownName | undefined {
    return (this.#names ?? this.#recall()).get(name) ?? this.#meet(name);
  }

  /** Index of the entry with this name and value, 0 when there is none. */
  fieldIndex(known: KnownName, value: string): number {
    if (known.newest !== 0 && known.newestValue === value) return this.#indexOf(known.newest);
    const inStatic = known.staticName?.values.get(value);
    if (inStatic !== undefined) return inStatic;
    const sequence = known.sequences?.get(value);
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
    const known = this.find(name) ?? this.#add(name, undefined, false);
    addEntry(known, value, this.dynamic.insertCount);
    known.lastMissed = value;
  }

  onEvict(name: string, value: string, sequence: number): void {
    const known = this.#names?.get(name);
    if (known === undefined) return;
    if (known.sequences?.get(value) === sequence) known.sequences.delete(value);
    if (known.newest !== sequence) return;
    // Entries leave in the order in which they came: with the newest gone, none is left under this name.
    known.newest = 0;
    known.newestValue = "";
    if (known.staticName === undefined && !known.neverIndexed) this.#names?.delete(name);
  }

  /** Forgets what the dynamic table says as well; of a name, the last value that neither table had is lost for good. */
  rest(): void {
    this.#names = undefined;
  }

  /** Of the names that are known from the start, what a connection never says takes no memory in it. */
  #meet(name: string): KnownName | undefined {
    const staticName = staticNameTable.get(name);
    const neverIndexed = this.#neverIndexed.has(name);
    if (staticName === undefined && !neverIndexed) return undefined;
    return this.#add(name, staticName, neverIndexed);
  }

  #add(name: string, staticName: StaticName | undefined, neverIndexed: boolean): KnownName {
    const known = new KnownName(staticName, neverIndexed);
    (this.#names ?? this.#recall()).set(name, known);
    return known;
  }

  /** The names of the dynamic table, as they became known: the oldest entry first. */
  #recall(): Map<string, KnownName> {
    const names = new Map<string, KnownName>();
    this.#names = names;
    const { dynamic } = this;
    for (let index = dynamic.length; index > 0; index--) {
      const name = dynamic.nameAt(index);
      const known = names.get(name) ?? this.#meet(name) ?? this.#add(name, undefined, false);
      addEntry(known, dynamic.valueAt(index), dynamic.insertCount - index + 1);
    }
    return names;
  }

  #indexOf(sequence: number): number {
    return staticTableLength + this.dynamic.insertCount - sequence + 1;
  }
}
