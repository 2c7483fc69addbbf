import type { ByteStream, Peer } from "../../src/base/platform.js";

/** A byte stream whose operating system is the test. */
export class ScriptedStream implements ByteStream {
  readonly peer: Peer = { address: "ipv4:10.0.0.9:1", security: "none" };
  /** What each write brought. */
  readonly writes: Buffer[] = [];
  /** The same arrays as they were given, to see whether somebody changes them. */
  readonly chunks: Uint8Array[] = [];
  /** What `write` answers. */
  writable = true;
  pendingBytes = 0;
  /** `end`, `destroy <message>`, `hold`, `release`. */
  readonly asked: string[] = [];
  onWrite: (() => void) | undefined;

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.asked.includes("end")) throw new Error("written behind the end");
    this.writes.push(Buffer.concat(chunks));
    this.chunks.push(...chunks);
    this.onWrite?.();
    return this.writable;
  }

  /** Everything that was written. */
  get bytes(): Buffer {
    return Buffer.concat(this.writes);
  }

  end(): void {
    this.asked.push("end");
  }

  pause(): void {
    this.asked.push("pause");
  }

  resume(): void {
    this.asked.push("resume");
  }

  destroy(reason?: Error): void {
    this.asked.push(`destroy ${reason?.message}`);
  }

  keepAlive(active: boolean): void {
    this.asked.push(active ? "hold" : "release");
  }
}
