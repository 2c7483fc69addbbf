import { frameType, settingId } from "../../support/frames.js";
import type { ConnectionView, Role } from "./connection-view.js";
import type { EndpointView } from "./endpoint-view.js";
import type { SeenFrame } from "./frame-scanner.js";
import type { StreamHalf, StreamView } from "./stream-view.js";

const endStreamFlag = 0x1;
const ackFlag = 0x1;

/** Keeps the books of what has reached each end, as the bytes of the other one are read there. */
export class Deliveries {
  readonly #view: ConnectionView;
  readonly #onReset: (view: StreamView) => void;
  /** Counts the server's reads; half a number while none is under way. */
  serverReads = 0;

  /** `onReset`: the client's reset of a stream has reached the server. */
  constructor(view: ConnectionView, onReset: (view: StreamView) => void) {
    this.#view = view;
    this.#onReset = onReset;
  }

  /** `bytes` more of what the other end sent are about to be read by `role`. */
  onDelivered(role: Role, bytes: number): void {
    const end = this.#view[role];
    const sender = this.#view.otherEnd(role);
    if (role === "server") this.serverReads = Math.ceil(this.serverReads + 0.5);
    end.markFlush(sender);
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
      this.#settleEnd(end, sender.deliveredBytes);
      this.#read(role, frame);
    }
    this.#settleEnd(end, sender.deliveredBytes);
  }

  #read(role: Role, frame: SeenFrame): void {
    const end = this.#view[role];
    const view = this.#view.streams.get(frame.streamId);
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
        if (role === "server" && half.seenBlocks === 1 && view !== undefined) view.headersRead = this.serverReads;
        if ((frame.flags & endStreamFlag) !== 0) this.#seenEnd(end, half);
        return;
      case frameType.RST_STREAM:
        if (half !== undefined) half.seenReset = true;
        if (role === "server" && view !== undefined) {
          view.resetRead = Math.min(view.resetRead, this.serverReads);
          this.#onReset(view);
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
}
