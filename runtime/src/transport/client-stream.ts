import type { Millis } from "../base/platform.js";
import type { HeaderBlock } from "../hpack/header-block.js";
import { ErrorCode } from "../http2/error-code.js";
import type { SessionEvent, StreamId } from "../http2/session-event.js";
import type { RequestStream, ResponseSink } from "../rpc/invoker.js";
import type { AttemptStats } from "../rpc/stats/client-call-stats.js";
import { type Delivery, OK, type Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { parseResponseHeaders } from "../wire/response-headers.js";
import { resetCodeOf, statusOfReset } from "../wire/rst-stream-status.js";
import { parseTrailers } from "../wire/trailers.js";
import type { ClientConnection } from "./client-connection.js";
import { MessageReceiver, type ReceiverOptions, type ReceiverOwner } from "./message/message-receiver.js";
import { MessageSender, type SenderOptions, type SenderOwner } from "./message/message-sender.js";

/** One call on a connection to a server. */
export class ClientStream implements RequestStream, SenderOwner, ReceiverOwner {
  readonly id: StreamId;
  readonly #connection: ClientConnection;
  readonly #sink: ResponseSink;
  readonly #sender: MessageSender;
  readonly #receiver: MessageReceiver;
  /** Undefined where nobody listens. */
  readonly #stats: AttemptStats | undefined;
  /** Since when sending waits; only kept where somebody listens. */
  #stalledAt: Millis | undefined;
  #headersSeen = false;
  #ended = false;
  /** How the call ends once every message has been given out. */
  #final: Status | undefined;

  constructor(
    connection: ClientConnection,
    id: StreamId,
    sink: ResponseSink,
    sending: SenderOptions,
    receiving: ReceiverOptions,
    stats?: AttemptStats,
  ) {
    this.id = id;
    this.#connection = connection;
    this.#sink = sink;
    this.#stats = stats;
    this.#sender = new MessageSender(connection.session, id, this, sending);
    this.#receiver = new MessageReceiver(connection.session, id, this, receiving);
  }

  // ---- RequestStream

  send(message: unknown, last: boolean): boolean {
    if (this.#ended) return true;
    // The answer is complete and waits to be read: no request is wanted any more, and none will be.
    if (this.#final !== undefined) return false;
    const writable = this.#sender.send(message, last);
    if (!writable && this.#stats !== undefined) this.#stalledAt ??= this.#connection.platform.now();
    this.#connection.schedule();
    return writable;
  }

  finish(): void {
    if (this.#ended) return;
    this.#sender.finish();
    this.#connection.schedule();
  }

  pull(count: number): void {
    if (this.#ended) return;
    this.#receiver.pull(count);
    this.#connection.schedule();
  }

  cancel(status: Status): void {
    if (this.#ended) return;
    const told = status.code === StatusCode.DEADLINE_EXCEEDED ? this.#explain(status) : status;
    this.#connection.session.resetStream(this.id, resetCodeOf(status.code));
    this.#connection.schedule();
    this.#end(told);
  }

  /** A deadline that something else than the server let run out. */
  #explain(status: Status): Status {
    const hindrance = this.#sender.hindrance || this.#receiver.hindrance;
    return hindrance === "" ? status : { ...status, message: `${status.message} while ${hindrance}` };
  }

  // ---- from the connection

  onHeaders(block: HeaderBlock, endStream: boolean): void {
    if (this.#ended) return;
    if (this.#headersSeen) {
      this.#final = parseTrailers(block);
      this.#receiver.end();
      return;
    }
    this.#headersSeen = true;
    const parsed = parseResponseHeaders(block, endStream);
    if (parsed.kind === "headers") {
      const { encoding, metadata } = parsed;
      if (encoding !== "identity" && !this.#connection.platform.compressor.encodings.includes(encoding)) {
        const message = `response is encoded with ${JSON.stringify(encoding)}, which was not offered`;
        this.cancel({ code: StatusCode.INTERNAL, message });
        return;
      }
      this.#receiver.encoding = encoding;
      this.#sink.onHeaders(metadata, this.#connection.peer);
      return;
    }
    if (endStream) {
      this.#final = parsed.status;
      this.#receiver.end();
    } else {
      this.cancel(parsed.status);
    }
  }

  onData(event: SessionEvent & { type: "data" }): void {
    if (event.endStream) {
      this.#final ??= { code: StatusCode.INTERNAL, message: "the server ended the stream without trailers" };
    }
    this.#receiver.receive(event.bytes, event.start, event.end, event.endStream);
  }

  onReset(event: SessionEvent & { type: "reset" }): void {
    // A reset behind trailers takes nothing back (RFC 9113 §8.1): the messages at hand are still given out.
    if (this.#final !== undefined) return;
    if (event.unprocessed && !this.#headersSeen) {
      this.#end({ code: StatusCode.UNAVAILABLE, message: event.message, delivery: "not-processed" });
      return;
    }
    this.#end(statusOfReset(event.code, event.initiator, event.initiator === "local" ? event.message : undefined));
  }

  onWritable(): void {
    this.#sender.onWritable();
  }

  /** The connection is gone. @param neverLeft No byte of the request was handed on. */
  onClosed(reason: string, neverLeft: boolean): void {
    if (this.#final !== undefined) return;
    const status: Status = { code: StatusCode.UNAVAILABLE, message: `the connection was lost: ${reason}` };
    this.#end(neverLeft ? { ...status, delivery: "not-sent" } : status);
  }

  // ---- SenderOwner, ReceiverOwner

  onSendFailed(status: Status): void {
    // Another attempt would meet the same message.
    this.cancel({ ...status, isFinal: true });
  }

  onSendReady(): void {
    this.#tellStall();
    if (!this.#ended) this.#sink.onWritable();
  }

  onOutput(): void {
    this.#connection.schedule();
  }

  onEncoded(index: number, bytes: number): void {
    if (!this.#ended) this.#sink.onEncoded?.(index, bytes);
  }

  onSent(bytes: number, wireBytes: number): void {
    this.#connection.traffic.messagesSent += 1;
    this.#stats?.onMessageSent(bytes, wireBytes);
  }

  onReceived(message: unknown, bytes: number, wireBytes: number): void {
    if (this.#ended) return;
    this.#stats?.onMessageReceived(bytes, wireBytes);
    this.#sink.onMessage(message);
  }

  onReceiveFailed(status: Status): void {
    this.cancel(status);
  }

  onReceiveEnd(error: Status | undefined): void {
    const status = this.#final ?? OK;
    this.#end(error !== undefined && status.code === StatusCode.OK ? error : status);
  }

  #tellStall(): void {
    if (this.#stalledAt === undefined) return;
    const waitedMs = this.#connection.platform.now() - this.#stalledAt;
    this.#stalledAt = undefined;
    this.#stats?.onSendStall(waitedMs);
  }

  #end(status: Status): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#tellStall();
    this.#sender.stop();
    this.#receiver.stop();
    const { session, traffic } = this.#connection;
    if (this.#final !== undefined) traffic.streamsSucceeded += 1;
    if (status.code === StatusCode.OK) traffic.callsSucceeded += 1;
    // The answer is complete, the request may not be: the server does not want the rest of it.
    if (!session.closed) session.resetStream(this.id, ErrorCode.NO_ERROR);
    this.#connection.forget(this.id);
    this.#sink.onStatus(this.#told(status));
  }

  /** The status with what this connection knows of it. */
  #told(status: Status): Status {
    if (status.code === StatusCode.OK) return status;
    const delivery: Delivery = status.delivery ?? (this.#headersSeen ? "processed" : "unknown");
    return { ...status, delivery, peer: this.#connection.peer };
  }
}
