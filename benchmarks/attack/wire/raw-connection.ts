import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { clientPreface, flag, frame, frameHeaderBytes, frameType } from "./frames.js";

export interface ReceivedFrame {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

export interface GoAway {
  readonly code: number;
  readonly debug: string;
}

/** A socket on which frames are written by hand. Reads what comes. */
export class RawConnection {
  /** The last GOAWAY that came. */
  goAway: GoAway | undefined;
  /** RST_STREAM frames that came. */
  resets = 0;
  onFrame: (frame: ReceivedFrame) => void = () => {};
  /** Whether SETTINGS and PING are acknowledged. */
  isPolite = true;
  /** Settles when the connection is gone, whoever ended it and however. */
  readonly closed: Promise<void>;
  /** When the attack on it began, by performance.now(); what comes before is courtesy. */
  attackedAt = performance.now();
  closedAt: number | undefined;
  bytesWritten = 0;

  readonly #socket: Socket;
  #unread: Buffer = Buffer.alloc(0);
  /** Octets of the client's preface that are still to come. */
  #prefaceLeft: number;
  #onWritable: (() => void)[] = [];

  constructor(socket: Socket, role: "client" | "server") {
    this.#socket = socket;
    this.#prefaceLeft = role === "server" ? clientPreface.length : 0;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("drain", () => this.#wake());
    // Octets of ours that it will not read any more would hold the socket.
    socket.on("end", () => socket.destroy());
    // A reset connection is how most attacks end.
    socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.closedAt = performance.now();
        this.#wake();
        resolve();
      });
    });
  }

  /** Connects to the loopback interface; undefined when that fails. */
  static open(port: number): Promise<RawConnection | undefined> {
    return new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      const onFailure = (): void => resolve(undefined);
      socket.once("error", onFailure);
      socket.once("connect", () => {
        socket.off("error", onFailure);
        resolve(new RawConnection(socket, "client"));
      });
    });
  }

  get isOpen(): boolean {
    return this.closedAt === undefined && this.#socket.writable;
  }

  write(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.bytesWritten += bytes.length;
    this.#socket.write(bytes);
  }

  /** Resolves when the socket takes more, or takes nothing ever again. */
  async writable(): Promise<void> {
    if (!this.isOpen || !this.#socket.writableNeedDrain) return;
    await new Promise<void>((resolve) => this.#onWritable.push(resolve));
  }

  /** From now on nothing is read: what the peer says piles up on its side. */
  stopReading(): void {
    this.#socket.pause();
  }

  /** With a reset, so that no port waits in TIME_WAIT. */
  destroy(): void {
    this.#socket.resetAndDestroy();
  }

  #wake(): void {
    for (const resolve of this.#onWritable.splice(0)) resolve();
  }

  #receive(chunk: Buffer): void {
    const skipped = Math.min(this.#prefaceLeft, chunk.length);
    this.#prefaceLeft -= skipped;
    const fresh = chunk.subarray(skipped);
    const bytes = this.#unread.length === 0 ? fresh : Buffer.concat([this.#unread, fresh]);
    let at = 0;
    while (at + frameHeaderBytes <= bytes.length) {
      const end = at + frameHeaderBytes + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      this.#onReceived({
        type: bytes[at + 3] as number,
        flags: bytes[at + 4] as number,
        streamId: bytes.readUInt32BE(at + 5),
        payload: bytes.subarray(at + frameHeaderBytes, end),
      });
      at = end;
    }
    this.#unread = bytes.subarray(at);
  }

  #onReceived(received: ReceivedFrame): void {
    const { type, flags, payload } = received;
    const isQuestion = (type === frameType.SETTINGS || type === frameType.PING) && (flags & flag.ACK) === 0;
    if (isQuestion && this.isPolite) {
      const answer = type === frameType.PING ? payload : undefined;
      this.write(frame(type, flag.ACK, 0, answer));
    } else if (type === frameType.GOAWAY) {
      this.goAway = { code: payload.readUInt32BE(4), debug: payload.subarray(8).toString("latin1") };
    } else if (type === frameType.RST_STREAM) {
      this.resets++;
    }
    this.onFrame(received);
  }
}
