import type { ByteStream, ByteStreamSink, Millis, Platform, Timer } from "../base/platform.js";
import { ErrorCode } from "../http2/error-code.js";
import type { Http2Session } from "../http2/session.js";
import { isFault, type SessionEvent, type StreamId } from "../http2/session-event.js";
import { SessionWriter } from "./session-writer.js";

/** Writes of one turn: a sender that is never slowed down must not keep everything else from running. */
const writesPerTurn = 4;
/**
 * How long the last bytes of a closed session may take to leave, in milliseconds (CVE-2026-21714: a peer that reads nothing
 * must not keep the connection). A session that was drained waits again as long as some of them have left meanwhile: the
 * answers of its last calls are among them, and the network may be slow.
 */
const lingerMs = 1000;
/** The same for a peer that broke the protocol or floods us: enough for it to read why. */
const faultLingerMs = 500;
/**
 * A connection on which nothing has happened for so long, or up to twice that, gives back what it can make anew: a fifth of a
 * call's time is what that costs it then, and most connections are idle most of the time.
 */
const restMs = 1000;
/** What is read behind the end of a session, so that the peer's own end is seen; a flood is read no further. */
const maxDiscardedBytes = 64 * 1024;

export interface SessionOwner {
  /** A turn of the event loop begins. */
  onTurnStart(): void;
  onEvent(event: SessionEvent): void;
  /** All events of a received chunk have been told. */
  onBatchEnd(): void;
  /** All output of a turn has been handed on. */
  onTurnEnd(): void;
  /** When `onTimeout` wants to be called; asked at the end of each turn. Infinity: never. */
  nextTimeout(): Millis;
  /** `nextTimeout` has come. In a turn behind it: what had arrived by then has been read. */
  onTimeout(now: Millis): void;
  /** Nothing has happened for a while: memory may be given back that is made anew when it is needed. */
  onRest(): void;
  /** The byte stream is gone. Last, exactly once. `fault`: the peer broke the protocol, or we have a bug. */
  onClosed(reason: string, fault: Error | undefined): void;
}

export interface DriverLimits {
  readonly maxUnsentBytes: number;
  readonly maxNewStreamsPerTurn: number;
}

/**
 * The only glue between a session, its byte stream and the clock. Received bytes are read and told at once, up to what a
 * peer may bring in one turn; then the byte stream is paused, and the turns that follow read the rest. Commands schedule
 * one turn, and a turn hands on everything that was commanded until then: in one write, or in a few where it is much. The
 * first of what is much goes ahead of its turn, see SessionWriter.
 */
export class SessionDriver implements ByteStreamSink {
  readonly #session: Http2Session;
  readonly #stream: ByteStream;
  readonly #platform: Platform;
  readonly #owner: SessionOwner;
  readonly #limits: DriverLimits;
  #scheduled = false;
  /** The byte stream is to bring nothing more for now. */
  #paused = false;
  readonly #writer: SessionWriter;
  /** Events are being told. */
  #isTelling = false;
  #timer: Timer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  /** When it is looked whether anything has happened since the last look; Infinity at rest. */
  #restAt = Number.POSITIVE_INFINITY;
  /** A turn has run since then. */
  #isActive = false;
  /** The owner's timeout may have come. */
  #isOwnerDue = false;
  /** `closing`: the session has ended, its last words leave. `ended`: they have left, and our direction is closed. */
  #state: "open" | "closing" | "ended" | "closed" = "open";
  #discardedBytes = 0;
  /** What had not left when the wait for it began. */
  #lingeringBytes = 0;
  #isHurried = false;
  /** The byte stream is gone, or is to go without taking another byte. */
  #isForsaken = false;
  /** Why the session ended, once it has. */
  #reason: string | undefined;
  #fault: Error | undefined;

  constructor(
    session: Http2Session,
    stream: ByteStream,
    platform: Platform,
    owner: SessionOwner,
    limits: DriverLimits,
  ) {
    this.#session = session;
    this.#stream = stream;
    this.#platform = platform;
    this.#owner = owner;
    this.#limits = limits;
    this.#writer = new SessionWriter(session, stream);
    session.allowStreams(limits.maxNewStreamsPerTurn, platform.now());
  }

  /** Since when the peer has been silent: not at all, as long as it is us who do not read. */
  silentSince(now: Millis): Millis {
    return this.#paused && !this.#session.isReadingHeldByOutput ? now : this.#session.heardAt;
  }

  /** Whether a stream of our own ends with this connection and not a byte of it has left this process. */
  hasNeverLeft(id: StreamId): boolean {
    return this.#isForsaken && !this.#writer.wasGiven(id);
  }

  /** Ends the connection without last words: there is nobody to read them. */
  abandon(reason: string): void {
    this.#isForsaken = true;
    this.#session.close(ErrorCode.NO_ERROR, reason);
    this.#tellEvents();
    this.#state = "ended";
    this.#writer.isBlocked = true;
    this.#stream.destroy(new Error(reason));
  }

  /** Commands were given to the session: their output leaves in the next turn. */
  schedule(): void {
    if (this.#state === "ended" || this.#state === "closed") return;
    if (this.#scheduled) {
      // Not amid a batch of events: what a drain lets in is decided behind it.
      if (this.#writer.isEarlyDue && !this.#isTelling && this.#reason === undefined) this.#writer.writeEarly();
      return;
    }
    this.#scheduled = true;
    this.#platform.scheduleTurn(this.#turn);
  }

  /** The connection is to be gone soon, whether a drained session's last bytes have left or not. */
  hurry(): void {
    this.#isHurried = true;
  }

  onData(chunk: Uint8Array): void {
    if (this.#reason !== undefined) {
      this.#discardedBytes += chunk.length;
      if (this.#discardedBytes > maxDiscardedBytes) this.#stream.pause();
      return;
    }
    if (this.#state !== "open") return;
    try {
      this.#session.receive(chunk, this.#platform.now());
      // What comes in spite of the pause is read in its order, by the turns that follow.
      if (!this.#paused) this.#readBatch();
    } catch (error) {
      this.#onBug(error);
    }
    this.schedule();
  }

  onDrain(): void {
    this.#writer.isBlocked = false;
    this.schedule();
  }

  onEnd(): void {
    if (this.#state !== "open") return;
    try {
      this.#session.receiveEnd(this.#platform.now());
      if (!this.#paused) this.#tellEvents();
    } catch (error) {
      this.#onBug(error);
    }
    this.schedule();
  }

  onClose(error?: Error): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#isForsaken = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#readRest();
    const reason = this.#reason ?? error?.message ?? "the connection was closed";
    // Whoever hears of the end may ask for a stream at once: there is none to be had any more.
    this.#session.close(ErrorCode.NO_ERROR, reason);
    this.#owner.onClosed(reason, this.#fault);
  }

  readonly #turn = (): void => {
    this.#scheduled = false;
    this.#writer.onTurnStart();
    if (this.#state === "ended" || this.#state === "closed") return;
    this.#isActive = true;
    try {
      this.#owner.onTurnStart();
      this.#readOn();
      if (this.#isOwnerDue) this.#tellTimeout();
      const isAllSent = this.#write();
      if (this.#writer.isBlocked) this.#checkUnsent();
      if (this.#reason !== undefined) this.#finish(isAllSent);
      else this.#armTimer();
      this.#owner.onTurnEnd();
    } catch (error) {
      this.#onBug(error);
    }
  };

  /** A law of ours is broken: this connection ends with it, the process and its other connections go on. */
  #onBug(error: unknown): void {
    const fault = error instanceof Error ? error : new Error(String(error));
    this.#fault ??= fault;
    this.#reason ??= `internal error: ${fault.message}`;
    if (this.#state !== "closed") this.#state = "ended";
    this.#stream.destroy(fault);
  }

  /** A turn's worth of what is left of the input. */
  #readOn(): void {
    const session = this.#session;
    session.allowStreams(this.#limits.maxNewStreamsPerTurn, this.#platform.now());
    if (this.#paused) this.#readBatch();
    else this.#tellEvents();
  }

  #readBatch(): void {
    this.#tellEvents();
    this.#owner.onBatchEnd();
    const { isReadingHeld: isHeld, isReadingHeldByOutput } = this.#session;
    // Answers that the peer does not take leave no turn anything to do: the one behind onDrain goes on.
    if (isHeld && !(isReadingHeldByOutput && this.#writer.isBlocked)) this.schedule();
    if (isHeld === this.#paused || this.#fault !== undefined) return;
    this.#paused = isHeld;
    if (isHeld) this.#stream.pause();
    else this.#stream.resume();
  }

  /** The byte stream is gone: answers that it brought before count, all of them. Requests do not: nobody waits for them. */
  #readRest(): void {
    if (!this.#paused || this.#session.role === "server") return;
    try {
      this.#session.allowStreams(Number.POSITIVE_INFINITY, this.#platform.now());
      while (this.#session.isReadingHeld) {
        this.#session.takeOutput(Number.POSITIVE_INFINITY);
        this.#tellEvents();
      }
    } catch (error) {
      this.#onBug(error);
    }
  }

  #tellEvents(): void {
    const isWithin = this.#isTelling;
    this.#isTelling = true;
    try {
      for (;;) {
        const event = this.#session.nextEvent();
        if (event === undefined) return;
        if (event.type === "closed") this.#onSessionClosed(event);
        this.#owner.onEvent(event);
      }
    } finally {
      this.#isTelling = isWithin;
    }
  }

  #onSessionClosed(event: SessionEvent & { type: "closed" }): void {
    this.#reason = event.message;
    if (isFault(event)) this.#fault = new Error(event.message);
  }

  /** Whether everything has been handed on that may leave now. */
  #write(): boolean {
    const writer = this.#writer;
    let isAllSent = false;
    for (let writes = 0; !writer.isBlocked; writes++) {
      if (writes === writesPerTurn) {
        this.schedule();
        break;
      }
      isAllSent = !writer.write();
      if (isAllSent) break;
      // Sending made room on streams: their senders may have more.
      this.#tellEvents();
    }
    writer.release();
    return isAllSent;
  }

  /** What a peer makes us say must not pile up here because it does not read; nor would it read our last words. */
  #checkUnsent(): void {
    const bytes = this.#session.unsentBytes;
    const { maxUnsentBytes } = this.#limits;
    if (bytes <= maxUnsentBytes) return;
    const message = `${bytes} bytes wait for the peer to read, limit ${maxUnsentBytes} (maxUnsentBytes)`;
    this.#isForsaken = true;
    this.#session.close(ErrorCode.ENHANCE_YOUR_CALM, message);
    this.#tellEvents();
    this.#state = "ended";
    this.#stream.destroy(new Error(message));
  }

  /** The session has ended: its last words leave, as far as the peer takes them, then the byte stream is closed. */
  #finish(isAllSent: boolean): void {
    if (this.#state === "open") {
      this.#state = "closing";
      this.#timer?.cancel();
      this.#linger(this.#fault === undefined ? lingerMs : faultLingerMs);
    }
    if (!isAllSent) return;
    this.#state = "ended";
    this.#stream.end();
  }

  #linger(patienceMs: Millis): void {
    this.#lingeringBytes = this.#writer.bytesToLeave;
    // Somebody may await the end: the process is not gone before it.
    this.#timer = this.#platform.setTimer(this.#platform.now() + patienceMs, () => this.#onLingered(), true);
  }

  #onLingered(): void {
    const bytes = this.#writer.bytesToLeave;
    if (this.#session.drained && !this.#isHurried && bytes > 0 && bytes < this.#lingeringBytes) {
      this.#linger(lingerMs);
      return;
    }
    this.#state = "ended";
    this.#stream.destroy(new Error(this.#reason));
  }

  #armTimer(): void {
    // A turn has ended, or a look at whether there was one: the next look moves only when it has come.
    if (this.#isActive && this.#restAt === Number.POSITIVE_INFINITY) this.#restAt = this.#session.toldTime + restMs;
    const at = Math.min(this.#nextTimeout, this.#restAt);
    if (at === this.#timerAt) return;
    this.#timerAt = at;
    this.#timer?.cancel();
    this.#timer =
      at === Number.POSITIVE_INFINITY ? undefined : this.#platform.setTimer(at, () => this.#onTimer(), false);
  }

  /** Of session and owner. */
  get #nextTimeout(): Millis {
    return Math.min(this.#session.nextTimeout() ?? Number.POSITIVE_INFINITY, this.#owner.nextTimeout());
  }

  #onTimer(): void {
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#timer = undefined;
    const now = this.#platform.now();
    try {
      if (now >= this.#restAt) this.#look(now);
      if (now < this.#nextTimeout) {
        this.#armTimer();
        return;
      }
      this.#isOwnerDue = true;
      this.#session.handleTimeout(now);
      this.#tellEvents();
    } catch (error) {
      this.#onBug(error);
    }
    this.schedule();
  }

  /** Whether anything has happened since the last look. What is left over of output or input keeps the connection awake. */
  #look(now: Millis): void {
    const isBusy = this.#isActive || this.#paused || this.#writer.isBlocked || this.#stream.pendingBytes > 0;
    this.#isActive = false;
    this.#restAt = isBusy ? now + restMs : Number.POSITIVE_INFINITY;
    if (isBusy) return;
    this.#session.rest(now);
    this.#owner.onRest();
  }

  #tellTimeout(): void {
    this.#isOwnerDue = false;
    const now = this.#platform.now();
    if (this.#session.closed || now < this.#owner.nextTimeout()) return;
    this.#owner.onTimeout(now);
    this.#tellEvents();
  }
}
