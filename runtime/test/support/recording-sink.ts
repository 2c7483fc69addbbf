import type { ByteStreamSink } from "../../src/base/platform.js";

/** Writes down what a byte stream tells its owner, and lets a test wait for it. */
export class RecordingSink implements ByteStreamSink {
  /** `data 5`, `drain`, `end`, `close`, `close <message>`; data that follows data is one entry. */
  readonly events: string[] = [];
  readonly chunks: Buffer[] = [];
  closes = 0;
  #dataBytes = 0;
  readonly #waiting: { isMet: () => boolean; resolve: () => void }[] = [];

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** Resolves once the condition holds after an event; at once if it does now. */
  until(isMet: (sink: RecordingSink) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ isMet: () => isMet(this), resolve });
      this.#check();
    });
  }

  get closed(): Promise<void> {
    return this.until((sink) => sink.closes > 0);
  }

  onData(chunk: Uint8Array): void {
    this.chunks.push(Buffer.from(chunk));
    if (this.#dataBytes > 0) this.events.pop();
    this.#dataBytes += chunk.byteLength;
    this.events.push(`data ${this.#dataBytes}`);
    this.#check();
  }

  onDrain(): void {
    this.#note("drain");
  }

  onEnd(): void {
    this.#note("end");
  }

  onClose(error?: Error): void {
    this.closes++;
    this.#note(error === undefined ? "close" : `close ${error.message}`);
  }

  #note(event: string): void {
    this.#dataBytes = 0;
    this.events.push(event);
    this.#check();
  }

  #check(): void {
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      if (this.#waiting[i]?.isMet() === true) this.#waiting.splice(i, 1)[0]?.resolve();
    }
  }
}
