import { frameType } from "../../support/frames.js";
import type { ConnectionView, Role } from "./connection-view.js";
import type { SeenFrame } from "./frame-scanner.js";
import { describe } from "./frame-text.js";
import { createStreamView, type StreamHalf, type StreamView } from "./stream-view.js";

const endStreamFlag = 0x1;
const endHeadersFlag = 0x4;
const ackFlag = 0x1;
const paddedOrPriority = 0x28;
/** The one fault that a slow network can be taken for. */
const settingsTimeout = 4;
/** Of the first GOAWAY of a shutdown (RFC 9113 §6.8). */
const highestStreamId = 0x7fffffff;
const maxWindow = 0x7fffffff;

export interface SentRulesListener {
  violate(law: string, message: string): void;
  /** A request's headers were sent. */
  onRequestSent(view: StreamView, fields: ReadonlyMap<string, string>): void;
}

/** Holds each end to what it may send, given what has reached it (RFC 9113), and keeps the books of it. */
export class SentRules {
  readonly #view: ConnectionView;
  readonly #listener: SentRulesListener;

  constructor(view: ConnectionView, listener: SentRulesListener) {
    this.#view = view;
    this.#listener = listener;
  }

  /** `role` has sent a frame. */
  check(role: Role, frame: SeenFrame): void {
    const end = this.#view[role];
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
    const view = this.#view.streams.get(frame.streamId);
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
    if (role === "server" && view.id > this.#view.server.goAway) {
      this.#violate("goaway", `the server answers stream ${view.id}, its GOAWAY said ${this.#view.server.goAway}`);
    }
    return { view, half };
  }

  #sentData(role: Role, frame: SeenFrame): void {
    const found = this.#sendable(role, frame);
    if (found === undefined) return;
    const { view, half } = found;
    const end = this.#view[role];
    if (half.blocks === 0) this.#violate("rfc9113", `the ${role} sent ${describe(frame)} before its headers`);
    half.sentFlow += frame.length;
    end.sentFlow += frame.length;
    const window = this.#view.streamWindow(view, role);
    if (frame.length > 0 && window < 0) {
      this.#violate("flow-control", `the ${role} exceeded the window of stream ${view.id} by ${-window} bytes`);
    }
    const connection = this.#view.connectionWindow(role);
    if (frame.length > 0 && connection < 0) {
      this.#violate("flow-control", `the ${role} exceeded the connection's window by ${-connection} bytes`);
    }
    if ((frame.flags & endStreamFlag) !== 0) half.ended = true;
  }

  #sentHeaders(role: Role, frame: SeenFrame): void {
    if (role === "client" && frame.streamId > this.#view.lastStreamId) this.#openStream(frame);
    const found = this.#sendable(role, frame);
    const endStream = (frame.flags & endStreamFlag) !== 0;
    if ((frame.flags & paddedOrPriority) !== 0)
      this.#violate("rfc9113", `the ${role} sent ${describe(frame)} with flags ${frame.flags}`);
    this.#view[role].openBlock = { streamId: frame.streamId, endStream, fragments: [frame.payload] };
    if (found !== undefined && endStream) found.half.ended = true;
    if ((frame.flags & endHeadersFlag) !== 0) this.#finishBlock(role);
  }

  #openStream(frame: SeenFrame): void {
    const id = frame.streamId;
    if ((id & 1) === 0) this.#violate("rfc9113", `the client opened stream ${id}`);
    this.#view.lastStreamId = id;
    this.#view.streams.set(id, createStreamView(id));
    const open = this.#view.openStreams("client").length;
    const { maxStreams } = this.#view.client.inForce;
    if (open > maxStreams)
      this.#violate("stream-slots", `the client has ${open} streams open, the server takes ${maxStreams}`);
  }

  #sentContinuation(role: Role, frame: SeenFrame): void {
    const open = this.#view[role].openBlock;
    if (open === undefined) {
      this.#violate("rfc9113", `the ${role} sent ${describe(frame)} without HEADERS`);
      return;
    }
    open.fragments.push(frame.payload);
    if ((frame.flags & endHeadersFlag) !== 0) this.#finishBlock(role);
  }

  #finishBlock(role: Role): void {
    const end = this.#view[role];
    const open = end.openBlock;
    end.openBlock = undefined;
    if (open === undefined) return;
    const view = this.#view.streams.get(open.streamId);
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
    const view = this.#view.streams.get(frame.streamId);
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
    const { turn, isHeldUp } = this.#view[role].host.now();
    return half.seenEnd && half.seenEndTurn < turn && !isHeldUp;
  }

  #sentWindowUpdate(role: Role, frame: SeenFrame): void {
    const increment = frame.payload.readUInt32BE(0);
    const end = this.#view[role];
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
    const view = this.#view.streams.get(frame.streamId);
    if (view === undefined) {
      this.#violate("rfc9113", `the ${role} sent ${describe(frame)} on an idle stream`);
      return;
    }
    const half = view[role];
    half.granted += increment;
    if (half.reset) this.#violate("rfc9113", `the ${role} sent ${describe(frame)} behind its RST_STREAM`);
    // What is more than given back was opened ahead for a message (docs/decisions/0022).
    const ahead = half.granted - half.receivedFlow;
    if (ahead > end.host.aheadBytes) {
      const message = `the ${role} gave ${half.granted} bytes back on stream ${view.id}, it received ${half.receivedFlow}`;
      this.#violate("credit-ledger", `${message}, and opens windows ahead for ${end.host.aheadBytes}`);
    }
  }

  /**
   * An end keeps what it owes to itself until it is worth a frame, and says all of it then. So what it had received when
   * it could last say something is given back now, unless the application's slowness holds the window.
   */
  #checkRefund(role: Role): void {
    const end = this.#view[role];
    const refunded = end.granted - (end.host.windowBytes - 65_535);
    if (refunded === 0 || !end.host.sparesWindow || refunded >= end.dataWhenFlushed) return;
    const missing = end.dataWhenFlushed - refunded;
    this.#violate("credit-ledger", `the ${role} gave all but ${missing} bytes back of ${end.dataWhenFlushed}`);
  }

  #sentSettings(role: Role, frame: SeenFrame): void {
    const end = this.#view[role];
    if ((frame.flags & ackFlag) === 0) end.settingsSent++;
    else if (++end.acksSent > end.settingsSeen)
      this.#violate("rfc9113", `the ${role} acknowledged SETTINGS that had not come`);
  }

  #sentPing(role: Role, frame: SeenFrame): void {
    if ((frame.flags & ackFlag) === 0) return;
    const answered = this.#view[role].pings.shift();
    if (answered !== frame.payload.toString("hex"))
      this.#violate("rfc9113", `the ${role} answered a PING that had not come`);
  }

  #sentGoAway(role: Role, frame: SeenFrame): void {
    const end = this.#view[role];
    const last = frame.payload.readUInt32BE(0);
    const code = frame.payload.readUInt32BE(4);
    end.goAways++;
    if (code !== 0 && code !== settingsTimeout)
      this.#violate("goaway", `the ${role} says ${describe(frame)}: its peer did nothing wrong`);
    if (last === highestStreamId) end.announcedAt = end.host.now().atMs;
    else if (end.goAway === highestStreamId) {
      const tookMs = end.host.now().atMs - end.announcedAt;
      if (tookMs > end.host.drainMs)
        this.#violate("goaway", `the ${role} says ${last} ${tookMs} ms behind its announcement`);
    }
    if (last > end.goAway) this.#violate("goaway", `the ${role} says ${last} behind a GOAWAY with ${end.goAway}`);
    end.goAway = Math.min(last, end.goAway);
    if (role === "client") return;
    for (const view of this.#view.streams.values()) {
      if (view.id > last && view.server.blocks > 0) {
        this.#violate("goaway", `the server says ${last} and has answered stream ${view.id}`);
      }
    }
  }

  #violate(law: string, message: string): void {
    this.#listener.violate(law, message);
  }
}
