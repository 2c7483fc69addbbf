/**
 * Where an encoder writes a message: a growing region of memory with a cursor.
 *
 * The fields are public because encoders run in the hot path: write at `bytes[position]`, advance `position`. Call
 * `ensure` before writing; it may replace `bytes` and `view` and move `position`, so never keep copies of them across it.
 */
export interface ByteSink {
  bytes: Buffer;
  view: DataView;
  /** Where the next byte goes in `bytes`. */
  position: number;
  /** Makes room for `size` more bytes at `position`. */
  ensure(size: number): void;
  /**
   * Appends `chunk`: copied when it is small, by reference when it is large. A chunk taken by reference must not change
   * before the call that it belongs to has ended.
   */
  append(chunk: Uint8Array): void;
  /** Leaves a byte for the length of what follows, as a varint. What it returns goes to `closeLength`; they nest. */
  openLength(): number;
  /** Writes the length of all that came since `openLength`, by reference or not; makes room when it takes more than a byte. */
  closeLength(start: number): void;
}
