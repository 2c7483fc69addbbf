import type { CompressionJob, CompressionResult, Compressor } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import type { Http2Session } from "../../http2/session.js";
import type { StreamId } from "../../http2/session-event.js";
import type { Codec } from "../../rpc/codec.js";
import type { Status } from "../../rpc/status.js";
import { StatusCode } from "../../rpc/status-code.js";
import { MessageDeframer } from "../../wire/message-deframer.js";
import type { IncompleteMessages, IncompleteOwner } from "./incomplete-messages.js";
import type { Resumable, TurnBudget } from "./turn-budget.js";
import type { UnreadBytes } from "./unread-bytes.js";

/** What a receiver needs of the call that it receives for. */
export interface ReceiverOwner {
  /** @param bytes Without its prefix, decompressed. @param wireBytes As they came. */
  onReceived(message: unknown, bytes: number, wireBytes: number): void;
  /** What came is not a message; the call is to end with this status. */
  onReceiveFailed(status: Status): void;
  /** Every message before the end of the stream has been given out. `error`: the stream ended inside a message. */
  onReceiveEnd(error: Status | undefined): void;
  /** Windows were given back outside of a call of `receive`, `end` or `pull`. */
  onOutput(): void;
}

export interface ReceiverOptions {
  readonly codec: Codec;
  /** Words for error messages: "request" or "response". */
  readonly what: string;
  /** Largest message, before and after decompression. */
  readonly maxMessageBytes: number;
  readonly compressor: Compressor;
  /** Of the connection, like the two that follow. */
  readonly unread: UnreadBytes;
  readonly incomplete: IncompleteMessages;
  readonly turn: TurnBudget;
}

/**
 * Turns the DATA of one direction of a call into messages, as many as are wanted. Bytes of a message that is wanted are
 * given back to the stream's window as they arrive, those of others when they are taken; for the connection's window see
 * UnreadBytes.
 */
export class MessageReceiver implements Resumable, IncompleteOwner {
  /** Encoding of the messages whose compressed flag is set. */
  encoding = "identity";

  readonly #session: Http2Session;
  readonly #id: StreamId;
  readonly #owner: ReceiverOwner;
  readonly #options: ReceiverOptions;
  readonly #deframer: MessageDeframer;
  #wanted = 0;
  /** Bytes that `unread` does not know of yet. */
  #received = 0;
  #ended = false;
  #stopped = false;
  /** Whether a message is being given out, decompressed or decoded: what comes meanwhile waits for its end. */
  #busy = false;
  /** The decompression that is under way. */
  #job: CompressionJob | undefined;
  /** Whether the turn's messages were used up: the rest follows in another. */
  #yielded = false;
  /** Read bytes that the stream's window has not got back: see IncompleteMessages. */
  #keptBack = 0;
  /** Bytes that the stream's window was opened for ahead, for the message that is coming. */
  #ahead = 0;

  constructor(session: Http2Session, id: StreamId, owner: ReceiverOwner, options: ReceiverOptions) {
    this.#session = session;
    this.#id = id;
    this.#owner = owner;
    this.#options = options;
    this.#deframer = new MessageDeframer(options.maxMessageBytes);
  }

  /** What has come and waits to be asked for: a clause for an error, empty when nothing does. */
  get hindrance(): string {
    const bytes = this.#wanted === 0 && !this.#busy ? this.#deframer.bufferedBytes : 0;
    return bytes === 0 ? "" : `${bytes} bytes of the ${this.#options.what} waited to be read`;
  }

  /** Takes DATA; `last`: nothing comes behind it. */
  receive(bytes: Uint8Array, start: number, end: number, last: boolean): void {
    if (this.#stopped) {
      this.#session.releaseWindow(this.#id, end - start);
      return;
    }
    this.#received += end - start;
    if (last) this.#ended = true;
    this.#push(bytes, start, end);
  }

  /** The same for DATA that `unread` knows of. */
  adopt(bytes: Uint8Array, start: number, end: number): void {
    if (this.#stopped) {
      this.#session.releaseConnectionWindow(this.#options.unread.change(0, end - start));
      this.#session.releaseStreamWindow(this.#id, end - start);
    } else {
      this.#push(bytes, start, end);
    }
  }

  /** Nothing comes any more. */
  end(): void {
    this.#ended = true;
    this.#pump();
  }

  /** Wants `count` messages more; Infinity for all. */
  pull(count: number): void {
    this.#wanted += count;
    this.#pump();
  }

  /** Wants none for now. */
  hold(): void {
    this.#wanted = 0;
  }

  /** Whether the stream has ended and every message has been given out. */
  get exhausted(): boolean {
    return this.#ended && this.#deframer.idle;
  }

  /** The call has ended: what waits is dropped. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    // Else a peer whose calls end before their messages are worked on would fill the queue of those that wait.
    this.#job?.cancel();
    this.#job = undefined;
    this.#options.turn.forget(this);
    this.#deframer.clear();
    this.#endAhead();
    this.#release();
    this.#options.incomplete.set(this, 0);
  }

  /** Another turn has begun. */
  resume(): void {
    if (this.#busy || this.#stopped) return;
    this.#pump();
    this.#owner.onOutput();
  }

  onWindowFree(): void {
    this.#releaseStream(0);
    this.#owner.onOutput();
  }

  #push(bytes: Uint8Array, start: number, end: number): void {
    if (end > start) this.#deframer.push(bytes, start, end);
    if (this.#busy) this.#release();
    else this.#pump();
  }

  #pump(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#yielded = false;
    while (this.#wanted > 0 && !this.#stopped && this.#nextMessage()) {
      this.#wanted -= 1;
      if (this.#ahead > 0) this.#endAhead();
      if (!this.#takeMessage()) return;
    }
    this.#busy = false;
    this.#settle();
  }

  /** Whether there is a message to give out in this turn. */
  #nextMessage(): boolean {
    const { turn } = this.#options;
    const isIdle = this.#deframer.idle;
    if (!isIdle && !turn.take(this)) {
      this.#yielded = true;
      return false;
    }
    if (this.#deframer.next()) return true;
    if (!isIdle) turn.giveBack();
    return false;
  }

  /** After a round: windows are given back, and the end is told when it is reached. */
  #settle(): void {
    this.#release();
    if (this.#stopped) return;
    if (this.#yielded) return;
    const { error } = this.#deframer;
    if (error !== undefined) {
      this.#fail({ ...error, message: `${this.#options.what} ${error.message}` });
      return;
    }
    if (!this.#ended) {
      if (this.#wanted === 0) this.#deframer.settle();
      else if (this.#ahead === 0) this.#openAhead();
      return;
    }
    if (this.#deframer.idle || this.#wanted > 0) {
      this.#stopped = true;
      this.#owner.onReceiveEnd(this.#deframer.endError());
      this.#deframer.clear();
      this.#endAhead();
      this.#release();
      // Of a message that was cut off, nothing may have been left to release.
      this.#options.incomplete.set(this, 0);
    }
  }

  #release(): void {
    const read = this.#deframer.takeConsumedBytes();
    const received = this.#received;
    if (read === 0 && received === 0) return;
    this.#received = 0;
    this.#session.releaseConnectionWindow(this.#options.unread.change(received, read));
    this.#options.incomplete.set(this, this.#deframer.incompleteBytes);
    this.#releaseStream(read);
  }

  #releaseStream(read: number): void {
    const bytes = this.#keptBack + read;
    const mayGo = this.#options.incomplete.mayRelease(this);
    this.#deframer.isFrugal = !mayGo;
    this.#keptBack = mayGo ? 0 : bytes;
    if (mayGo) this.#session.releaseStreamWindow(this.#id, bytes);
  }

  /** A message that is wanted and larger than the window does not wait for each part of it to be given back. */
  #openAhead(): void {
    const { missingBytes } = this.#deframer;
    if (missingBytes === 0 || this.#deframer.isFrugal) return;
    const { incomplete } = this.#options;
    this.#ahead = this.#session.openStreamWindow(this.#id, incomplete.mayOpen(missingBytes));
    incomplete.changeAhead(this.#ahead);
  }

  #endAhead(): void {
    this.#options.incomplete.changeAhead(-this.#ahead);
    this.#ahead = 0;
  }

  /** Gives the deframer's message out. False: decompression goes on elsewhere and resumes the round later. */
  #takeMessage(): boolean {
    const { bytes, start, end, compressed, alias } = this.#deframer;
    if (!compressed) {
      this.#decode(bytes, start, end, alias, end - start);
      return true;
    }
    const { compressor, what, maxMessageBytes } = this.#options;
    if (this.encoding === "identity") {
      const message = `${what} message has its compressed flag set, but grpc-encoding is identity`;
      this.#fail({ code: StatusCode.INTERNAL, message });
      return true;
    }
    let returned = false;
    let done = false;
    const job = compressor.decompress(this.encoding, bytes.subarray(start, end), maxMessageBytes, (result) => {
      done = true;
      this.#job = undefined;
      if (!this.#stopped) this.#decompressed(result, end - start);
      if (!returned) return;
      this.#busy = false;
      this.#pump();
      this.#owner.onOutput();
    });
    returned = true;
    if (!done) this.#job = job;
    return done;
  }

  #decompressed(result: CompressionResult, wireBytes: number): void {
    if (result.ok) {
      this.#decode(result.bytes, 0, result.bytes.length, true, wireBytes);
      return;
    }
    const { what, maxMessageBytes } = this.#options;
    this.#fail(
      result.reason === "tooLarge"
        ? {
            code: StatusCode.RESOURCE_EXHAUSTED,
            message: `${what} message is more than ${maxMessageBytes} bytes when decompressed (maxReceiveMessageBytes)`,
          }
        : { code: StatusCode.INTERNAL, message: `${what} message does not decompress: ${result.message}` },
    );
  }

  #decode(bytes: Uint8Array, start: number, end: number, alias: boolean, wireBytes: number): void {
    let message: unknown;
    try {
      message = this.#options.codec.decode(bytes, start, end, alias);
    } catch (error) {
      const reason = textOfThrown(error);
      this.#fail({
        code: isTextTooLong(error) ? StatusCode.RESOURCE_EXHAUSTED : StatusCode.INTERNAL,
        message: `${this.#options.what} message of ${end - start} bytes does not decode: ${reason}`,
        cause: error,
      });
      return;
    }
    this.#owner.onReceived(message, end - start, wireBytes);
  }

  #fail(status: Status): void {
    this.stop();
    this.#owner.onReceiveFailed(status);
  }
}

/** The engine has no strings of more than half a billion characters; protobuf has. */
function isTextTooLong(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_STRING_TOO_LONG";
}
