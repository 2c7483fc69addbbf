import type { ByteStream, ByteStreamSink, Platform, Timer } from "../base/platform.js";
import type { Http2Session } from "../http2/session.js";
import type { SessionEvent } from "../http2/session-event.js";

/** Output of one write. */
const writeBytes = 256 * 1024;
/** Writes of one turn: a sender that is never slowed down must not keep everything else from running. */
const writesPerTurn = 4;
/** How long the last bytes of a closed session may take to leave, in milliseconds (CVE-2026-21714: a peer that reads nothing must not keep the connection). */
const lingerMs = 1000;

export interface SessionOwner {
  onEvent(event: SessionEvent): void;
  /** All events of a received chunk have been told. */
  onBatchEnd(): void;
  /** All output of a turn has been handed on. */
  onTurnEnd(): void;
  /** The byte stream is gone. Last, exactly once. */
  onClosed(reason: string): void;
}

/**
 * The only glue between a session, its byte stream and the clock. Received bytes are read and told at once; commands
 * schedule one turn, and a turn makes one write of everything that was commanded until then.
 */
export class SessionDriver implements ByteStreamSink {
  readonly #session: Http2Session;
  readonly #stream: ByteStream;
  readonly #platform: Platform;
  readonly #owner: SessionOwner;
  #scheduled = false;
  /** The byte stream asked us to wait for onDrain. */
  #blocked = false;
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #state: "open" | "closing" | "closed" = "open";
  /** Why the session ended, once it has. */
  #reason: string | undefined;

  constructor(session: Http2Session, stream: ByteStream, platform: Platform, owner: SessionOwner) {
    this.#session = session;
    this.#stream = stream;
    this.#platform = platform;
    this.#owner = owner;
  }

  /** Commands were given to the session: their output leaves in the next turn. */
  schedule(): void {
    if (this.#scheduled || this.#state === "closed") return;
    this.#scheduled = true;
    this.#platform.scheduleTurn(this.#turn);
  }

  onData(chunk: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#session.receive(chunk, this.#platform.now());
    this.#tellEvents();
    this.#owner.onBatchEnd();
    this.schedule();
  }

  onDrain(): void {
    this.#blocked = false;
    this.schedule();
  }

  onEnd(): void {
    if (this.#state !== "open") return;
    this.#session.receiveEnd(this.#platform.now());
    this.#tellEvents();
    this.schedule();
  }

  onClose(error?: Error): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#owner.onClosed(this.#reason ?? error?.message ?? "the connection was closed");
  }

  readonly #turn = (): void => {
    this.#scheduled = false;
    if (this.#state === "closed") return;
    this.#tellEvents();
    this.#write();
    if (this.#reason !== undefined) this.#finish();
    else this.#armTimer();
    this.#owner.onTurnEnd();
  };

  #tellEvents(): void {
    for (;;) {
      const event = this.#session.nextEvent();
      if (event === undefined) return;
      if (event.type === "closed") this.#reason = event.message;
      this.#owner.onEvent(event);
    }
  }

  #write(): void {
    const session = this.#session;
    for (let writes = 0; !this.#blocked; writes++) {
      if (writes === writesPerTurn) {
        this.schedule();
        break;
      }
      const chunks = session.takeOutput(writeBytes);
      if (chunks.length === 0) break;
      this.#blocked = !this.#stream.write(chunks);
      // Sending made room on streams: their senders may have more.
      this.#tellEvents();
    }
    if (this.#stream.pendingBytes === 0) session.outputReleased();
  }

  /** The session has ended: its last words leave, then the byte stream is closed. */
  #finish(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#timer?.cancel();
    this.#stream.end();
    this.#timer = this.#platform.setTimer(
      this.#platform.now() + lingerMs,
      () => this.#stream.destroy(new Error(this.#reason)),
      false,
    );
  }

  #armTimer(): void {
    const at = this.#session.nextTimeout() ?? Number.POSITIVE_INFINITY;
    if (at === this.#timerAt) return;
    this.#timerAt = at;
    this.#timer?.cancel();
    this.#timer = at === Number.POSITIVE_INFINITY ? undefined : this.#platform.setTimer(at, this.#onTimer, false);
  }

  readonly #onTimer = (): void => {
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#timer = undefined;
    this.#session.handleTimeout(this.#platform.now());
    this.#tellEvents();
    this.schedule();
  };
}
