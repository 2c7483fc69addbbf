import type { StreamId } from "../http2/session-event.js";
import { PieceQueue } from "../wire/piece-queue.js";
import type { MessageReceiver } from "./message/message-receiver.js";
import type { ServerConnection } from "./server-connection.js";

/** DATA of a call that has not started. It does not hold the connection's window, as far as that is allowed (maxUnreadBytes). */
export class HeldData {
  readonly #connection: ServerConnection;
  readonly #id: StreamId;
  readonly #pieces = new PieceQueue();
  #bytes = 0;

  constructor(connection: ServerConnection, id: StreamId) {
    this.#connection = connection;
    this.#id = id;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    this.#pieces.push(bytes, start, end);
    const size = end - start;
    this.#bytes += size;
    const { session, unread } = this.#connection;
    session.releaseConnectionWindow(unread.change(size, 0));
  }

  /** It will wait: what has come must not keep whole chunks alive (CVE-2026-84304). */
  settle(): void {
    this.#pieces.settle();
  }

  /** The call has started: from here on the bytes are the receiver's. */
  giveTo(receiver: MessageReceiver): void {
    this.#bytes = 0;
    while (this.#pieces.bytes > 0) {
      const { bytes, start, end } = this.#pieces.head;
      this.#pieces.advance(end - start);
      receiver.adopt(bytes, start, end);
    }
  }

  /** The call never starts. */
  drop(): void {
    if (this.#bytes === 0) return;
    const { session, unread } = this.#connection;
    session.releaseConnectionWindow(unread.change(0, this.#bytes));
    session.releaseStreamWindow(this.#id, this.#bytes);
    this.#bytes = 0;
  }
}
