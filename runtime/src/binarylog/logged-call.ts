import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  ClientHeaderSchema,
  GrpcLogEntry_EventType as EventType,
  type GrpcLogEntry_Logger,
  GrpcLogEntrySchema,
  ServerHeaderSchema,
  TrailerSchema,
} from "../gen/grpc/binlog/v1/binarylog_pb.js";
import {
  Metadata,
  type Peer,
  type RequestHeaders,
  type RequestStream,
  type ResponseSink,
  type Status,
} from "../index.js";
import type { LogExtent } from "./log-filter.js";
import { addressOf, cutMessage, cutMetadata, timestampNow } from "./payload.js";

/** What all calls of one log have in common. */
export interface LoggedCallOwner {
  readonly logger: GrpcLogEntry_Logger;
  readonly showsSecrets: boolean;
  write(entry: Uint8Array): void;
}

type Entry = MessageInitShape<typeof GrpcLogEntrySchema>;

/** One call on its way through the log: whatever passes is written down, then passed on. */
export class LoggedCall implements RequestStream, ResponseSink {
  readonly #owner: LoggedCallOwner;
  readonly #headers: RequestHeaders;
  readonly #extent: LogExtent;
  readonly #sink: ResponseSink;
  readonly #id: bigint;
  #stream: RequestStream | undefined;
  #sequence = 0n;
  /** On a client the first thing that the server says tells of the peer. */
  #isPeerTold = false;

  constructor(owner: LoggedCallOwner, id: bigint, headers: RequestHeaders, extent: LogExtent, sink: ResponseSink) {
    this.#owner = owner;
    this.#id = id;
    this.#headers = headers;
    this.#extent = extent;
    this.#sink = sink;
  }

  /** @param remainingMs Until the deadline; Infinity without one. */
  start(remainingMs: number): void {
    const { method, metadata, authority, peer } = this.#headers;
    const { payload, isTruncated } = cutMetadata(metadata, this.#extent.headerBytes, this.#owner.showsSecrets);
    const value = create(ClientHeaderSchema, {
      metadata: payload,
      methodName: method.path,
      authority: authority ?? "",
      ...(Number.isFinite(remainingMs) && { timeout: durationFromMs(Math.max(0, Math.round(remainingMs))) }),
    });
    this.#write({
      type: EventType.CLIENT_HEADER,
      payload: { case: "clientHeader", value },
      payloadTruncated: isTruncated,
      ...this.#peerOf(peer),
    });
  }

  passTo(stream: RequestStream): void {
    this.#stream = stream;
  }

  // ---- RequestStream

  send(message: unknown, last: boolean): boolean {
    this.#writeMessage(EventType.CLIENT_MESSAGE, "input", message);
    if (last) this.#write({ type: EventType.CLIENT_HALF_CLOSE });
    return this.#stream?.send(message, last) ?? true;
  }

  finish(): void {
    this.#write({ type: EventType.CLIENT_HALF_CLOSE });
    this.#stream?.finish();
  }

  pull(count: number): void {
    this.#stream?.pull(count);
  }

  cancel(status: Status): void {
    this.#write({ type: EventType.CANCEL });
    this.#stream?.cancel(status);
  }

  // ---- ResponseSink

  onHeaders(metadata: Metadata, peer?: Peer): void {
    const { payload, isTruncated } = cutMetadata(metadata, this.#extent.headerBytes, this.#owner.showsSecrets);
    const value = create(ServerHeaderSchema, { metadata: payload });
    this.#write({
      type: EventType.SERVER_HEADER,
      payload: { case: "serverHeader", value },
      payloadTruncated: isTruncated,
      ...this.#peerOf(peer),
    });
    this.#sink.onHeaders(metadata, peer);
  }

  onMessage(message: unknown): void {
    this.#writeMessage(EventType.SERVER_MESSAGE, "output", message);
    this.#sink.onMessage(message);
  }

  onStatus(status: Status): void {
    const trailers = status.trailers ?? new Metadata();
    const { payload, isTruncated } = cutMetadata(trailers, this.#extent.headerBytes, this.#owner.showsSecrets);
    const value = create(TrailerSchema, {
      metadata: payload,
      statusCode: status.code,
      statusMessage: status.message,
      statusDetails: status.details ?? new Uint8Array(0),
    });
    this.#write({
      type: EventType.SERVER_TRAILER,
      payload: { case: "trailer", value },
      payloadTruncated: isTruncated,
      ...this.#peerOf(status.peer),
    });
    this.#sink.onStatus(status);
  }

  onWritable(): void {
    this.#sink.onWritable();
  }

  onEncoded(index: number, bytes: number): void {
    this.#sink.onEncoded?.(index, bytes);
  }

  // ----

  #peerOf(peer: Peer | undefined): Pick<Entry, "peer"> {
    if (peer === undefined || this.#isPeerTold) return {};
    this.#isPeerTold = true;
    return { peer: addressOf(peer) };
  }

  #writeMessage(type: EventType, direction: "input" | "output", message: unknown): void {
    const { payload, isTruncated } = cutMessage(this.#headers.method, direction, message, this.#extent.messageBytes);
    this.#write({ type, payload: { case: "message", value: payload }, payloadTruncated: isTruncated });
  }

  #write(entry: Entry): void {
    const whole = create(GrpcLogEntrySchema, {
      timestamp: timestampNow(),
      callId: this.#id,
      sequenceIdWithinCall: ++this.#sequence,
      logger: this.#owner.logger,
      ...entry,
    });
    this.#owner.write(toBinary(GrpcLogEntrySchema, whole));
  }
}
