import { codeName, describeFrame, frameType, settingId } from "../../support/frames.js";
import type { EndpointView } from "./endpoint-view.js";
import { FrameScanner, type SeenFrame } from "./frame-scanner.js";
import { createStreamView, isClosedFor, type StreamHalf, type StreamView } from "./stream-view.js";

const endStreamFlag = 0x1;
const endHeadersFlag = 0x4;
const ackFlag = 0x1;
const paddedOrPriority = 0x28;
/** The one fault that a slow network can be taken for. */
const settingsTimeout = 4;
const maxWindow = 0x7fffffff;

export type Role = "client" | "server";

export interface ObserverListener {
  violate(law: string, message: string): void;
  onFrame(role: Role, frame: SeenFrame): void;
  /** A request's headers were sent. */
  onRequestSent(view: StreamView, fields: ReadonlyMap<string, string>): void;
  /** The client's reset of a stream has reached the server. */
  onResetDelivered(view: StreamView): void;
}

/**
 * Reads both directions of a connection with eyes of its own and holds each end to RFC 9113: what it may send, given what
 * has reached it. A frame counts as sent when it is written, and as known when its last byte was read at the other end.
 */
export class ConnectionObserver {
  readonly streams = new Map<number, StreamView>();
  readonly client: EndpointView;
  readonly server: EndpointView;
  readonly #scanners: { readonly client: FrameScanner; readonly server: FrameScanner };
  readonly #listener: ObserverListener;
  #lastStreamId = 0;
  /** Counts the server's reads; half a number while none is under way. */
  #serverReads = 0;
  /** Handlers that started in the read that is under way, and brought the reset too. */
  #suspicions: string[] = [];

  constructor(client: EndpointView, server: EndpointView, listener: ObserverListener) {
    this.client = client;
    this.server = server;
    this.#listener = listener;
    const scanner = (role: Role) =>
      new FrameScanner(
        role,
        (frame) => this.#onSent(role, frame),
        (what) => listener.violate("framing", `${role}: ${what}`),
      );
    this.#scanners = { client: scanner("client"), server: scanner("server") };
  }

  onWritten(role: Role, bytes: Buffer): void {
    this.#scanners[role].push(bytes);
  }

  /** `bytes` more of what the other end sent are about to be read by `role`. */
  onDelivered(role: Role, bytes: number): void {
    const sender = role === "client" ? this.server : this.client;
    if (role === "server") this.#serverReads = Math.ceil(this.#serverReads + 0.5);
    this[role].markFlush(sender);
    sender.deliveredBytes += bytes;
    for (let frame = sender.travelling[0]; frame !== undefined; frame = sender.travelling[0]) {
      // DATA counts from its header on.
      const needed = frame.type === frameType.DATA ? frame.headerEnd : frame.end;
      if (needed > sender.deliveredBytes) break;
      if (frame.type === frameType.DATA) {
        sender.dataEnd = frame.end;
        sender.dataStreamId = frame.streamId;
      }
      sender.travelling.shift();
      this.#settleEnd(this[role], sender.deliveredBytes);
      this.#onSeen(role, frame);
    }
    this.#settleEnd(this[role], sender.deliveredBytes);
  }

  /** A read by `role` has been taken in; `isHeld`: not all of it, the turns that follow look at the rest. */
  onRead(role: Role, isHeld: boolean): void {
    if (role !== "server") return;
    if (isHeld) {
      for (const view of this.streams.values()) {
        if (view.resetRead === this.#serverReads) view.resetRead = Number.POSITIVE_INFINITY;
      }
    } else {
      for (const message of this.#suspicions) this.#violate("handler-start", message);
    }
    this.#suspicions = [];
    this.#serverReads += 0.5;
  }

  /**
   * A handler starts on a stream. It must not when the stream's reset was read before, nor when one read brought both;
   * that one is judged at its end, for it may have been held between the two.
   */
  onHandlerStart(view: StreamView, message: string): void {
    if (view.resetRead < this.#serverReads) this.#violate("handler-start", message);
    else if (view.resetRead === view.headersRead) this.#suspicions.push(message);
  }

  /** What that end may send on the stream, given what has reached it. */
  sendWindow(view: StreamView, role: Role): number {
    const half = view[role];
    const end = this[role];
    return Math.min(end.inForce.initialWindow + half.grants - half.sentFlow, 65_535 + end.grants - end.sentFlow);
  }

  /** Bytes of DATA that have reached that end on the stream. */
  dataOn(view: StreamView, role: Role): number {
    const sender = role === "client" ? this.server : this.client;
    const isOpen = sender.dataStreamId === view.id;
    return view[role].receivedFlow - (isOpen ? Math.max(0, sender.dataEnd - sender.deliveredBytes) : 0);
  }

  /** Streams that are open for that end. */
  openStreams(role: Role): StreamView[] {
    return [...this.streams.values()].filter((view) => !isClosedFor(view[role]));
  }

  /** That end closes its direction of the connection, and nobody has made it. */
  onEnding(role: Role): void {
    if (this[role].settingsSent > 0 && this[role].goAways === 0) {
      this.#violate("goaway", `the ${role} ends the connection without a GOAWAY`);
    }
  }

  /** What that end owes to the other and could have paid: undefined for nothing. */
  debtOf(role: Role): string | undefined {
    const end = this[role];
    if (end.acksSent < end.settingsSeen) return "an acknowledgement of SETTINGS";
    if (end.pings.length > 0) return "an answer to a PING";
    if (role === "client") return undefined;
    for (const { id, server } of this.streams.values()) {
      // RFC 9113 §8.1: a server that needs no more of a request says so.
      if (server.ended && !server.reset && !server.seenEnd && !server.seenReset) return `a reset of stream ${id}`;
    }
    return undefined;
  }

  /** What holds once nothing moves any more on a connection that is still there. */
  checkQuiet(): void {
    for (const role of ["client", "server"] as const) {
      const open = this.openStreams(role);
      if (open.length > 0)
        this.#violate("no-leaks", `streams ${open.map((view) => view.id).join()} are open for the ${role}`);
      const end = this[role];
      // Up to half of a window may be owed without being told.
      const available = 65_535 + end.granted - end.receivedFlow;
      const least = end.host.windowBytes - Math.max(1, end.host.windowBytes >>> 1) + 1;
      if (available < least) {
        const message = `the ${role}'s connection window is ${available} of ${end.host.windowBytes} when all is read`;
        this.#violate("credit-ledger", message);
      }
    }
  }

  // ---- sent

  #onSent(role: Role, frame: SeenFrame): void {
    const end = this[role];
    end.travelling.push(frame);
    this.#listener.onFrame(role, frame);
    if (end.settingsSent === 0 && (frame.type !== frameType.SETTINGS || (frame.flags & ackFlag) !== 0)) {
      this.#violate("rfc9113", `the ${role}'s first frame is ${describe(frame)}, expected SETTINGS`);
    }
    if (frame.length > end.inForce.maxFrame) {
      this.#violate(
        "rfc9113",
        `the ${role} sent ${frame.length} bytes in a frame, the peer takes ${end.inForce.maxFrame}`,
      );
    }
    const open = end.openBlock;
    if (open !== undefined && (frame.type !== frameType.CONTINUATION || frame.streamId !== open.streamId)) {
      this.#violate("rfc9113", `the ${role} sent ${describe(frame)} amid the header block of stream ${open.streamId}`);
    }
    switch (frame.type) {
      case frameType.DATA:
        this.#sentData(role, frame);
        return;
      case frameType.HEADERS:
        this.#sentHeaders(role, frame);
        return;
      case frameType.CONTINUATION:
        this.#sentContinuation(role, frame);
        return;
      case frameType.RST_STREAM:
        this.#sentReset(role, frame);
        return;
      case frameType.WINDOW_UPDATE:
        this.#sentWindowUpdate(role, frame);
        return;
      case frameType.SETTINGS:
        this.#sentSettings(role, frame);
        return;
      case frameType.PING:
        this.#sentPing(role, frame);
        return;
      case frameType.GOAWAY:
        this.#sentGoAway(role, frame);
        return;
      default:
        this.#violate("rfc9113", `the ${role} sent ${describe(frame)}, which it never has a reason to`);
    }
  }

  /** The stream, if it may be spoken on. */
  #sendable(role: Role, frame: SeenFrame): { view: StreamView; half: StreamHalf } | undefined {
    const view = this.streams.get(frame.streamId);
    if (view === undefined) {
      this.#violate("rfc9113", `the ${role} sent ${describe(frame)} on an idle stream`);
      return undefined;
    }
    const half = view[role];
    if (half.reset) this.#violate("rfc9113", `the ${role} sent ${describe(frame)} behind its RST_STREAM`);
    else if (half.ended) this.#violate("rfc9113", `the ${role} sent ${describe(frame)} behind its END_STREAM`);
    if (role === "server" && half.seenBlocks === 0) {
      this.#violate("rfc9113", `the server sent ${describe(frame)} before a request had come`);
    }
    if (role === "server" && view.id > this.server.goAway) {
      this.#violate("goaway", `the server answers stream ${view.id}, its GOAWAY said ${this.server.goAway}`);
    }
    return { view, half };
  }

  #sentData(role: Role, frame: SeenFrame): void {
    const found = this.#sendable(role, frame);
    if (found === undefined) return;
    const { view, half } = found;
    const end = this[role];
    if (half.blocks === 0) this.#violate("rfc9113", `the ${role} sent ${describe(frame)} before its headers`);
    half.sentFlow += frame.length;
    end.sentFlow += frame.length;
    const window = end.inForce.initialWindow + half.grants - half.sentFlow;
    if (frame.length > 0 && window < 0) {
      this.#violate("flow-control", `the ${role} exceeded the window of stream ${view.id} by ${-window} bytes`);
    }
    const connection = 65_535 + end.grants - end.sentFlow;
    if (frame.length > 0 && connection < 0) {
      this.#violate("flow-control", `the ${role} exceeded the connection's window by ${-connection} bytes`);
    }
    if ((frame.flags & endStreamFlag) !== 0) half.ended = true;
  }

  #sentHeaders(role: Role, frame: SeenFrame): void {
    if (role === "client" && frame.streamId > this.#lastStreamId) this.#openStream(frame);
    const found = this.#sendable(role, frame);
    const endStream = (frame.flags & endStreamFlag) !== 0;
    if ((frame.flags & paddedOrPriority) !== 0)
      this.#violate("rfc9113", `the ${role} sent ${describe(frame)} with flags ${frame.flags}`);
    this[role].openBlock = { streamId: frame.streamId, endStream, fragments: [frame.payload] };
    if (found !== undefined && endStream) found.half.ended = true;
    if ((frame.flags & endHeadersFlag) !== 0) this.#finishBlock(role);
  }

  #openStream(frame: SeenFrame): void {
    const id = frame.streamId;
    if ((id & 1) === 0) this.#violate("rfc9113", `the client opened stream ${id}`);
    this.#lastStreamId = id;
    this.streams.set(id, createStreamView(id));
    const open = this.openStreams("client").length;
    const { maxStreams } = this.client.inForce;
    if (open > maxStreams)
      this.#violate("stream-slots", `the client has ${open} streams open, the server takes ${maxStreams}`);
  }

  #sentContinuation(role: Role, frame: SeenFrame): void {
    const open = this[role].openBlock;
    if (open === undefined) {
      this.#violate("rfc9113", `the ${role} sent ${describe(frame)} without HEADERS`);
      return;
    }
    open.fragments.push(frame.payload);
    if ((frame.flags & endHeadersFlag) !== 0) this.#finishBlock(role);
  }

  #finishBlock(role: Role): void {
    const end = this[role];
    const open = end.openBlock;
    end.openBlock = undefined;
    if (open === undefined) return;
    const view = this.streams.get(open.streamId);
    let list: string[];
    try {
      end.hpack.allowedBytes = Math.max(4096, end.inForce.headerTable);
      list = end.hpack.decode(Buffer.concat(open.fragments));
    } catch (error) {
      this.#violate(
        "hpack-tables",
        `a header block of the ${role} on stream ${open.streamId}: ${(error as Error).message}`,
      );
      return;
    }
    if (view === undefined) return;
    const fields = new Map<string, string>();
    for (let i = 0; i < list.length; i += 2) fields.set(list[i] as string, list[i + 1] as string);
    const half = view[role];
    half.blocks++;
    const first = role === "client" ? ":path" : ":status";
    if ((half.blocks === 1) !== fields.has(first)) {
      this.#violate(
        "rfc9113",
        `block ${half.blocks} of the ${role} on stream ${view.id} has ${[...fields.keys()].join()}`,
      );
    }
    if (half.blocks > 1 && !open.endStream) this.#violate("rfc9113", `the ${role} sent trailers without END_STREAM`);
    if (role === "server" && open.endStream && !fields.has("grpc-status")) {
      this.#violate("rfc9113", `the server ended stream ${view.id} without grpc-status`);
    }
    if (role === "client" && half.blocks === 1) this.#listener.onRequestSent(view, fields);
  }

  #sentReset(role: Role, frame: SeenFrame): void {
    const view = this.streams.get(frame.streamId);
    if (view === undefined) {
      this.#violate("rfc9113", `the ${role} sent ${describe(frame)} on an idle stream`);
      return;
    }
    const half = view[role];
    if (half.reset) this.#violate("rfc9113", `the ${role} sent ${describe(frame)} twice`);
    else if (half.ended && this.#hasKnownEnd(role, half)) {
      this.#violate("rfc9113", `the ${role} sent ${describe(frame)} on a stream that had closed`);
    }
    if (role === "server" && half.seenBlocks === 0)
      this.#violate("rfc9113", `the server sent ${describe(frame)} early`);
    half.reset = true;
  }

  /** Whether the end could know of the other's END_STREAM when it last commanded something. */
  #hasKnownEnd(role: Role, half: StreamHalf): boolean {
    const { turn, isHeldUp } = this[role].host.now();
    return half.seenEnd && half.seenEndTurn < turn && !isHeldUp;
  }

  #sentWindowUpdate(role: Role, frame: SeenFrame): void {
    const increment = frame.payload.readUInt32BE(0);
    const end = this[role];
    if (increment === 0 || increment > maxWindow) this.#violate("rfc9113", `the ${role} sent ${describe(frame)}`);
    if (frame.streamId === 0) {
      end.granted += increment;
      const outstanding = 65_535 + end.granted - end.receivedFlow;
      if (outstanding > end.host.windowBytes) {
        const message = `the ${role} grants ${outstanding} bytes on the connection, its window is ${end.host.windowBytes}`;
        this.#violate("credit-ledger", message);
      }
      this.#checkRefund(role);
      return;
    }
    const view = this.streams.get(frame.streamId);
    if (view === undefined) {
      this.#violate("rfc9113", `the ${role} sent ${describe(frame)} on an idle stream`);
      return;
    }
    const half = view[role];
    half.granted += increment;
    if (half.reset) this.#violate("rfc9113", `the ${role} sent ${describe(frame)} behind its RST_STREAM`);
    if (half.granted > half.receivedFlow) {
      const message = `the ${role} gave ${half.granted} bytes back on stream ${view.id}, it received ${half.receivedFlow}`;
      this.#violate("credit-ledger", message);
    }
  }

  /**
   * An end keeps what it owes to itself until it is worth a frame, and says all of it then. So what it had received when
   * it could last say something is given back now, unless the application's slowness holds the window.
   */
  #checkRefund(role: Role): void {
    const end = this[role];
    const refunded = end.granted - (end.host.windowBytes - 65_535);
    if (refunded === 0 || !end.host.sparesWindow || refunded >= end.dataWhenFlushed) return;
    const missing = end.dataWhenFlushed - refunded;
    this.#violate("credit-ledger", `the ${role} gave all but ${missing} bytes back of ${end.dataWhenFlushed}`);
  }

  #sentSettings(role: Role, frame: SeenFrame): void {
    const end = this[role];
    if ((frame.flags & ackFlag) === 0) end.settingsSent++;
    else if (++end.acksSent > end.settingsSeen)
      this.#violate("rfc9113", `the ${role} acknowledged SETTINGS that had not come`);
  }

  #sentPing(role: Role, frame: SeenFrame): void {
    if ((frame.flags & ackFlag) === 0) return;
    const answered = this[role].pings.shift();
    if (answered !== frame.payload.toString("hex"))
      this.#violate("rfc9113", `the ${role} answered a PING that had not come`);
  }

  #sentGoAway(role: Role, frame: SeenFrame): void {
    const end = this[role];
    const last = frame.payload.readUInt32BE(0);
    const code = frame.payload.readUInt32BE(4);
    end.goAways++;
    if (code !== 0 && code !== settingsTimeout)
      this.#violate("goaway", `the ${role} says ${describe(frame)}: its peer did nothing wrong`);
    if (last > end.goAway) this.#violate("goaway", `the ${role} says ${last} behind a GOAWAY with ${end.goAway}`);
    end.goAway = Math.min(last, end.goAway);
    if (role === "client") return;
    for (const view of this.streams.values()) {
      if (view.id > last && view.server.blocks > 0) {
        this.#violate("goaway", `the server says ${last} and has answered stream ${view.id}`);
      }
    }
  }

  // ---- seen

  /** A frame of the other end has been read by `role`. */
  #onSeen(role: Role, frame: SeenFrame): void {
    const end = this[role];
    const view = this.streams.get(frame.streamId);
    const half = view?.[role];
    switch (frame.type) {
      case frameType.DATA:
        end.receivedFlow += frame.length;
        if (half !== undefined) half.receivedFlow += frame.length;
        if (half !== undefined && (frame.flags & endStreamFlag) !== 0) end.comingEnd = { half, at: frame.end };
        return;
      case frameType.HEADERS:
        if (half === undefined) return;
        half.seenBlocks++;
        if (role === "server" && half.seenBlocks === 1 && view !== undefined) view.headersRead = this.#serverReads;
        if ((frame.flags & endStreamFlag) !== 0) this.#seenEnd(end, half);
        return;
      case frameType.RST_STREAM:
        if (half !== undefined) half.seenReset = true;
        if (role === "server" && view !== undefined) {
          view.resetRead = Math.min(view.resetRead, this.#serverReads);
          this.#listener.onResetDelivered(view);
        }
        return;
      case frameType.WINDOW_UPDATE:
        if (frame.streamId === 0) end.grants += frame.payload.readUInt32BE(0);
        else if (half !== undefined) half.grants += frame.payload.readUInt32BE(0);
        return;
      case frameType.SETTINGS:
        this.#seenSettings(end, frame);
        return;
      case frameType.PING:
        if ((frame.flags & ackFlag) === 0) end.pings.push(frame.payload.toString("hex"));
        return;
      case frameType.GOAWAY:
        end.seenGoAway = Math.min(end.seenGoAway, frame.payload.readUInt32BE(0));
        return;
    }
  }

  /** A stream has ended when the last byte of its DATA has come. */
  #settleEnd(end: EndpointView, deliveredBytes: number): void {
    if (end.comingEnd === undefined || end.comingEnd.at > deliveredBytes) return;
    this.#seenEnd(end, end.comingEnd.half);
    end.comingEnd = undefined;
  }

  #seenEnd(end: EndpointView, half: StreamHalf): void {
    half.seenEnd = true;
    half.seenEndTurn = end.host.now().turn;
  }

  #seenSettings(end: EndpointView, frame: SeenFrame): void {
    if ((frame.flags & ackFlag) !== 0) {
      end.acksSeen++;
      return;
    }
    end.settingsSeen++;
    for (let at = 0; at < frame.payload.length; at += 6) {
      const value = frame.payload.readUInt32BE(at + 2);
      switch (frame.payload.readUInt16BE(at)) {
        case settingId.MAX_CONCURRENT_STREAMS:
          end.inForce.maxStreams = value;
          break;
        case settingId.INITIAL_WINDOW_SIZE:
          end.inForce.initialWindow = value;
          break;
        case settingId.MAX_FRAME_SIZE:
          end.inForce.maxFrame = value;
          break;
        case settingId.HEADER_TABLE_SIZE:
          end.inForce.headerTable = value;
          break;
      }
    }
  }

  #violate(law: string, message: string): void {
    this.#listener.violate(law, message);
  }
}

export function describe(frame: SeenFrame): string {
  if (frame.type === frameType.DATA) {
    return `DATA ${frame.streamId} ${frame.length} bytes${(frame.flags & endStreamFlag) === 0 ? "" : " END_STREAM"}`;
  }
  if (frame.type === frameType.GOAWAY) {
    return `GOAWAY ${frame.payload.readUInt32BE(0)} ${codeName(frame.payload.readUInt32BE(4))}`;
  }
  return describeFrame(frame);
}
