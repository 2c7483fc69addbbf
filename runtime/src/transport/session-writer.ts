import type { ByteStream } from "../base/platform.js";
import type { Http2Session } from "../http2/session.js";
import type { StreamId } from "../http2/session-event.js";

/** Output of one write. */
const writeBytes = 256 * 1024;
/**
 * Output that does not wait for its turn: the peer works on it while the rest is made. With one write a turn two busy ends
 * each wait for the other; messages that are sent to and fro, 100 in flight, went 2.9 times as fast with this, for less
 * processor time. Each early write doubles the bar until the next turn, so that a stream of small messages still leaves in
 * large writes.
 */
const firstEarlyBytes = 4096;

/** Hands a session's output to its byte stream. When that is done, and how often, is the driver's to say. */
export class SessionWriter {
  /** The byte stream asked us to wait for onDrain. */
  isBlocked = false;
  readonly #session: Http2Session;
  readonly #stream: ByteStream;
  /** Unsent bytes at which the next early write is made. */
  #earlyBytes = firstEarlyBytes;
  /** Of our own streams, those from here on have never been given to the byte stream. */
  #ungivenId: StreamId;

  constructor(session: Http2Session, stream: ByteStream) {
    this.#session = session;
    this.#stream = stream;
    this.#ungivenId = session.nextStreamId;
  }

  /** Whether anything of a stream of our own was given to the byte stream. */
  wasGiven(id: StreamId): boolean {
    return id < this.#ungivenId;
  }

  /** What has not left this process. */
  get bytesToLeave(): number {
    return this.#session.unsentBytes + this.#stream.pendingBytes;
  }

  /** Whether there is so much to write that it is not to wait for the turn. */
  get isEarlyDue(): boolean {
    return this.#session.unsentBytes >= this.#earlyBytes && !this.isBlocked && !this.#session.isWriting;
  }

  writeEarly(): void {
    this.#earlyBytes *= 2;
    if (this.write()) this.release();
  }

  onTurnStart(): void {
    this.#earlyBytes = firstEarlyBytes;
  }

  /** Makes one write; false: there was nothing for it. */
  write(): boolean {
    const chunks = this.#session.takeOutput(writeBytes);
    if (chunks.length === 0) return false;
    this.#ungivenId = this.#session.nextStreamId;
    this.isBlocked = !this.#stream.write(chunks);
    return true;
  }

  /** The memory of what has left may be used again. */
  release(): void {
    if (this.#stream.pendingBytes === 0) this.#session.outputReleased();
  }
}
