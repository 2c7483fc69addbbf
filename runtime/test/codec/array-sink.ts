import type { ByteSink } from "../../src/base/byte-sink.js";

/** A sink that keeps everything in one growing array. */
export class ArraySink implements ByteSink {
  bytes = Buffer.alloc(16);
  view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  position = 0;

  ensure(size: number): void {
    if (this.position + size <= this.bytes.length) return;
    const grown = Buffer.alloc((this.position + size) * 2);
    grown.set(this.bytes.subarray(0, this.position));
    this.bytes = grown;
    this.view = new DataView(grown.buffer, grown.byteOffset, grown.byteLength);
  }

  append(chunk: Uint8Array): void {
    this.ensure(chunk.byteLength);
    this.bytes.set(chunk, this.position);
    this.position += chunk.byteLength;
  }

  /** What was written. */
  written(): Buffer {
    return this.bytes.subarray(0, this.position);
  }
}
