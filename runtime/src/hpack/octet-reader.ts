const noOctets = new Uint8Array(0);

/**
 * Where the decoder stands in one contiguous header block. The first thing found wrong is kept in `fault`, a whole
 * sentence; whoever reads through the reader returns a value of its own that says so, and nothing is read after that.
 */
export class OctetReader {
  bytes: Uint8Array = noOctets;
  start = 0;
  position = 0;
  end = 0;
  fault: string | undefined = undefined;

  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.position = start;
    this.end = end;
    this.fault = undefined;
  }

  /** Lets go of the chunk, so that a decoder at rest does not hold a read buffer. */
  release(): void {
    this.bytes = noOctets;
    this.start = 0;
    this.position = 0;
    this.end = 0;
  }

  /** Keeps the first fault. */
  fail(fault: string): void {
    this.fault ??= fault;
  }
}
