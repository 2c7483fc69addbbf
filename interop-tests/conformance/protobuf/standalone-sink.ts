import type { ByteSink } from "godwit";

/** A sink that keeps one message. */
export class StandaloneSink implements ByteSink {
  bytes = Buffer.alloc(256);
  view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
  position = 0;

  ensure(size: number): void {
    if (this.position + size <= this.bytes.length) return;
    const grown = Buffer.alloc(2 * this.position + size);
    grown.set(this.bytes.subarray(0, this.position));
    this.bytes = grown;
    this.view = new DataView(grown.buffer, grown.byteOffset, grown.byteLength);
  }

  append(chunk: Uint8Array): void {
    this.ensure(chunk.length);
    this.bytes.set(chunk, this.position);
    this.position += chunk.length;
  }

  openLength(): number {
    this.ensure(1);
    return ++this.position;
  }

  closeLength(start: number): void {
    const part = Buffer.from(this.bytes.subarray(start, this.position));
    this.position = start - 1;
    let length = part.length;
    const prefix: number[] = [];
    for (; length > 0x7f; length >>>= 7) prefix.push((length & 0x7f) | 0x80);
    this.append(Buffer.from([...prefix, length]));
    this.append(part);
  }

  written(): Uint8Array {
    return this.bytes.subarray(0, this.position);
  }
}
