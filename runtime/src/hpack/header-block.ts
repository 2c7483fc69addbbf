/**
 * An ordered list of header fields, as HTTP/2 sees it. Names and values are octets, one character (U+0000 to U+00FF)
 * each. Immutable once made: encoder and decoder keep them as keys and share them.
 */
export class HeaderBlock {
  /** -1 until somebody asks: a block that many share is asked with each of those that it begins. */
  #listBytes = -1;

  /**
   * @param fields Name at even, value at odd index; names in lower case.
   * @param prefix Fields that go before `fields` and that many blocks share; the encoder keeps its bytes.
   * @param secrets Names among `fields` that the encoder never indexes, besides those that it never does.
   */
  constructor(
    readonly fields: readonly string[],
    readonly prefix?: HeaderBlock,
    readonly secrets?: ReadonlySet<string>,
  ) {}

  /** First value under a name. */
  get(name: string): string | undefined {
    const inPrefix = this.prefix?.get(name);
    if (inPrefix !== undefined) return inPrefix;
    const fields = this.fields;
    for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1];
    return undefined;
  }

  /** Size in the sense of RFC 9113 §6.5.2, SETTINGS_MAX_HEADER_LIST_SIZE: name + value + 32 for each field. */
  get listBytes(): number {
    if (this.#listBytes >= 0) return this.#listBytes;
    let bytes = this.prefix?.listBytes ?? 0;
    const fields = this.fields;
    for (let i = 0; i < fields.length; i++) bytes += (fields[i] as string).length + 16;
    this.#listBytes = bytes;
    return bytes;
  }
}

/** All fields of a block in order, those of its prefix first: name at even, value at odd index. */
export function flatFields(block: HeaderBlock): readonly string[] {
  return block.prefix === undefined ? block.fields : [...flatFields(block.prefix), ...block.fields];
}
