/** Messages on a bare socket: four octets of length, and the message. */
const lengthBytes = 4;

/** Puts a message and its length into one piece of memory. */
export function frameMessage(payload: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(lengthBytes + payload.length);
  framed.writeUInt32BE(payload.length);
  framed.set(payload, lengthBytes);
  return framed;
}

/** The message in what `onMessage` was told of. */
export function payloadOf(framed: Buffer): Buffer {
  return framed.subarray(lengthBytes);
}

/** Assembles messages from chunks; `onMessage` gets each whole, its length in front, in memory of its own. */
export class WholeMessages {
  readonly #onMessage: (framed: Buffer) => void;
  readonly #length = Buffer.alloc(lengthBytes);
  #lengthRead = 0;
  #message: Buffer | undefined;
  #filled = 0;

  constructor(onMessage: (framed: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  receive(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#message === undefined) {
        this.#length[this.#lengthRead++] = chunk[at++] as number;
        if (this.#lengthRead < lengthBytes) continue;
        this.#lengthRead = 0;
        this.#message = Buffer.allocUnsafe(lengthBytes + this.#length.readUInt32BE());
        this.#filled = this.#length.copy(this.#message);
      }
      const copied = chunk.copy(this.#message, this.#filled, at);
      at += copied;
      this.#filled += copied;
      if (this.#filled < this.#message.length) return;
      const message = this.#message;
      this.#message = undefined;
      this.#onMessage(message);
    }
  }
}
