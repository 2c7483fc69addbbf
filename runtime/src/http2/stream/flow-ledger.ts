import { defaultWindowBytes } from "../connection/settings.js";
import type { Http2Limits } from "../limits.js";
import { ReceiveWindow } from "./flow-window.js";
import type { Http2Stream } from "./http2-stream.js";
import { mayReceive } from "./stream-state.js";

export interface WindowUpdateSender {
  /** Sends a WINDOW_UPDATE; stream 0 is the connection. */
  windowUpdate(streamId: number, increment: number): void;
}

/**
 * The receiving side of flow control (RFC 9113 §6.9), all of it: every byte that a peer may send is available to it, held
 * by us, or owed to it, and giving back more than was held is a bug that does not pass (CVE-2026-78663). Bytes that are
 * held count on the connection and on their stream; when the stream has ended, on the connection alone.
 */
export class FlowLedger {
  readonly connection: ReceiveWindow;
  readonly #sender: WindowUpdateSender;

  constructor(limits: Http2Limits, sender: WindowUpdateSender) {
    const windowBytes = Math.max(limits.connectionWindowBytes, defaultWindowBytes);
    this.connection = new ReceiveWindow(windowBytes, windowBytes);
    this.#sender = sender;
  }

  /** Gives held bytes back to the connection's window. */
  releaseConnection(flowBytes: number): void {
    const increment = this.connection.release(flowBytes);
    if (increment > 0) this.#sender.windowUpdate(0, increment);
  }

  /** The same for a stream's window; nothing is owed on one that the peer has ended. */
  releaseStream(stream: Http2Stream, flowBytes: number): void {
    const increment = stream.receiveWindow.release(flowBytes);
    if (increment > 0 && mayReceive(stream.state)) this.#sender.windowUpdate(stream.id, increment);
  }

  /** Opens a stream's window for `bytes`, before what comes is given back. How many the peer was granted for it. */
  openAhead(stream: Http2Stream, bytes: number): number {
    if (!mayReceive(stream.state)) return 0;
    const increment = stream.receiveWindow.openAhead(bytes);
    if (increment > 0) this.#sender.windowUpdate(stream.id, increment);
    return increment;
  }
}
