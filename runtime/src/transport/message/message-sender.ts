import { OutputArena } from "../../base/output-arena.js";
import type { CompressionJob, CompressionResult, Compressor } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import type { HeaderBlock } from "../../hpack/header-block.js";
import { ErrorCode } from "../../http2/error-code.js";
import type { Http2Session } from "../../http2/session.js";
import type { StreamId } from "../../http2/session-event.js";
import type { Codec } from "../../rpc/codec.js";
import type { Status } from "../../rpc/status.js";
import { StatusCode } from "../../rpc/status-code.js";
import { isUncompressed } from "../../rpc/uncompressed.js";
import { maxMessageLength, messagePrefixBytes, writeMessagePrefix } from "../../wire/message-framer.js";

/** What a sender needs of the call that it sends for. */
export interface SenderOwner {
  /** A message could not be sent; the call is to end with this status. */
  onSendFailed(status: Status): void;
  /** Sending may go on after `send` returned false. */
  onSendReady(): void;
  /** Something was handed to the session outside of a call of `send`. */
  onOutput(): void;
  /** Message `index`, from 0, is so many bytes. */
  onEncoded?(index: number, bytes: number): void;
  /** A message was given to the session: so many bytes without its prefix, and so many that go over the wire. */
  onSent(bytes: number, wireBytes: number): void;
}

export interface SenderOptions {
  readonly codec: Codec;
  /** Words for error messages: "request" or "response". */
  readonly what: string;
  /** Largest message, before compression. */
  readonly maxMessageBytes: number;
  /** Undefined: messages go as they are. */
  readonly compression: { readonly encoding: string; readonly compressor: Compressor } | undefined;
}

/** A step that waits for a compression to end. */
type Step =
  | { readonly kind: "message"; readonly message: unknown; readonly last: boolean }
  | { readonly kind: "finish" }
  | { readonly kind: "trailers"; readonly headers: HeaderBlock };

const empty = new Uint8Array(0);

/** Turns the messages of one direction of a call into DATA: encoded in place, or compressed first. */
export class MessageSender {
  readonly #session: Http2Session;
  readonly #id: StreamId;
  readonly #owner: SenderOwner;
  readonly #options: SenderOptions;
  /** What has to wait until the message that is being compressed has gone; undefined while none is. */
  #waiting: Step[] | undefined;
  /** The compression that is under way. */
  #job: CompressionJob | undefined;
  /** Whether the caller was told to wait. */
  #saturated = false;
  /** What waited behind a compression is being sent: whoever were told to go on amid it would go before the rest. */
  #isCatchingUp = false;
  #stopped = false;
  /** Messages that were encoded. */
  #encoded = 0;

  constructor(session: Http2Session, id: StreamId, owner: SenderOwner, options: SenderOptions) {
    this.#session = session;
    this.#id = id;
    this.#owner = owner;
    this.#options = options;
  }

  /** Whether a message is being compressed, with what waits behind it. */
  get isWorking(): boolean {
    return this.#waiting !== undefined;
  }

  /** What holds messages back that were sent: a clause for an error, empty when nothing does. */
  get hindrance(): string {
    const { queuedBytes, streamWindow, connectionWindow } = this.#session.backlog(this.#id);
    if (queuedBytes === 0) return "";
    const what = `${queuedBytes} bytes of the ${this.#options.what}`;
    if (streamWindow > 0 && connectionWindow > 0) return `${what} waited for the connection to take more`;
    const windows = `${streamWindow} bytes of the stream's window were left, ${connectionWindow} of the connection's`;
    return `${what} waited for flow control: ${windows}`;
  }

  /** Sends a message; `last` ends the stream behind it. False: wait for onSendReady. */
  send(message: unknown, last: boolean): boolean {
    if (this.#stopped) return true;
    const writable =
      this.#options.compression === undefined
        ? this.#sendPlain(message, last)
        : this.#sendCompressed({ kind: "message", message, last });
    if (!writable) this.#saturated = true;
    return writable;
  }

  /** Ends the stream. */
  finish(): void {
    if (this.#stopped) return;
    if (this.#waiting !== undefined) this.#waiting.push({ kind: "finish" });
    else this.#session.sendData(this.#id, empty, true);
  }

  /** Ends the stream with trailers; what the peer has not sent by then is not wanted any more (RFC 9113 §8.1). */
  finishWith(headers: HeaderBlock): void {
    if (this.#stopped) return;
    if (this.#waiting !== undefined) {
      this.#waiting.push({ kind: "trailers", headers });
      return;
    }
    this.#session.sendHeaders(this.#id, headers, true);
    this.#session.resetBehindQueue(this.#id, ErrorCode.NO_ERROR);
  }

  /** The session has room on the stream again. */
  onWritable(): void {
    if (this.#waiting === undefined) this.#tellReady();
  }

  /** The call has ended: nothing more is sent. */
  stop(): void {
    this.#stopped = true;
    this.#waiting = undefined;
    this.#job?.cancel();
    this.#job = undefined;
  }

  #sendPlain(message: unknown, last: boolean): boolean {
    const session = this.#session;
    if (session.isWriting) return this.#sendApart(message, last);
    const sink = session.beginData(this.#id, messagePrefixBytes);
    try {
      this.#options.codec.encode(message, sink);
    } catch (error) {
      session.abortData();
      this.#fail(this.#encodeFailure(error));
      return true;
    }
    const size = session.messageBytes - messagePrefixBytes;
    if (size > this.#limit) {
      session.abortData();
      this.#fail(this.#tooLarge(size));
      return true;
    }
    writeMessagePrefix(sink.bytes, session.prefixOffset, false, size);
    const writable = session.endData(last);
    this.#owner.onEncoded?.(this.#encoded++, size);
    this.#owner.onSent(size, size);
    return writable;
  }

  #sendCompressed(step: Step & { kind: "message" }): boolean {
    if (this.#waiting !== undefined) {
      this.#waiting.push(step);
      return false;
    }
    const { compression } = this.#options;
    if (compression === undefined || isUncompressed(step.message)) return this.#sendPlain(step.message, step.last);
    const encoded = this.#encodeApart(step.message);
    if (encoded === undefined) return true;
    this.#waiting = [];
    let writable = true;
    const { compressor, encoding } = compression;
    const job = compressor.compress(encoding, encoded, (result) => {
      this.#job = undefined;
      writable = this.#compressed(result, encoded.length, step.last);
    });
    if (this.#waiting !== undefined) this.#job ??= job;
    return this.#waiting === undefined && writable;
  }

  /** For a message that is sent from within the encoder of another one on the same connection. */
  #sendApart(message: unknown, last: boolean): boolean {
    const encoded = this.#encodeApart(message);
    if (encoded === undefined) return true;
    const writable = this.#session.sendData(this.#id, frame(encoded, false), last);
    this.#owner.onSent(encoded.length, encoded.length);
    return writable;
  }

  /** The message in memory of its own; undefined when that failed, which ends the call. */
  #encodeApart(message: unknown): Buffer | undefined {
    const arena = new OutputArena();
    arena.begin(0);
    try {
      this.#options.codec.encode(message, arena);
    } catch (error) {
      this.#fail(this.#encodeFailure(error));
      return undefined;
    }
    const { chunks, byteLength } = arena.detach(0);
    if (byteLength > this.#limit) {
      this.#fail(this.#tooLarge(byteLength));
      return undefined;
    }
    this.#owner.onEncoded?.(this.#encoded++, byteLength);
    return Buffer.concat(chunks, byteLength);
  }

  #compressed(result: CompressionResult, bytes: number, last: boolean): boolean {
    const waiting = this.#waiting;
    if (this.#stopped || waiting === undefined) return true;
    this.#waiting = undefined;
    if (!result.ok) {
      this.#fail({
        code: StatusCode.INTERNAL,
        message: `${this.#options.what} message does not compress: ${result.message}`,
      });
      return true;
    }
    let writable = this.#session.sendData(this.#id, frame(result.bytes, true), last);
    this.#owner.onSent(bytes, result.bytes.length);
    const isWithin = this.#isCatchingUp;
    this.#isCatchingUp = true;
    for (const step of waiting) writable = this.#take(step) && writable;
    this.#isCatchingUp = isWithin;
    this.#owner.onOutput();
    if (writable) this.#tellReady();
    return writable;
  }

  /** False: wait for what is told then before saying that sending may go on. */
  #take(step: Step): boolean {
    if (step.kind === "message") return this.send(step.message, step.last);
    if (step.kind === "finish") this.finish();
    else this.finishWith(step.headers);
    return true;
  }

  #tellReady(): void {
    if (!this.#saturated || this.#stopped || this.#isCatchingUp) return;
    this.#saturated = false;
    this.#owner.onSendReady();
  }

  /** A prefix has four bytes for the length. */
  get #limit(): number {
    return Math.min(this.#options.maxMessageBytes, maxMessageLength);
  }

  #fail(status: Status): void {
    this.#owner.onSendFailed(status);
  }

  #encodeFailure(error: unknown): Status {
    const reason = textOfThrown(error);
    return {
      code: StatusCode.INTERNAL,
      message: `${this.#options.what} message does not encode: ${reason}`,
      cause: error,
    };
  }

  #tooLarge(size: number): Status {
    const message = `${this.#options.what} message is ${size} bytes, limit ${this.#limit}`;
    return { code: StatusCode.RESOURCE_EXHAUSTED, message };
  }
}

/** A message behind its prefix. */
function frame(message: Uint8Array, isCompressed: boolean): Buffer {
  const framed = Buffer.allocUnsafe(messagePrefixBytes + message.length);
  writeMessagePrefix(framed, 0, isCompressed, message.length);
  framed.set(message, messagePrefixBytes);
  return framed;
}
