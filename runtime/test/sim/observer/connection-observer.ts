import type { ConnectionView, Role } from "./connection-view.js";
import { Deliveries } from "./deliveries.js";
import { FrameScanner, type SeenFrame } from "./frame-scanner.js";
import { SentRules, type SentRulesListener } from "./sent-rules.js";
import type { StreamView } from "./stream-view.js";

export interface ObserverListener extends SentRulesListener {
  onFrame(role: Role, frame: SeenFrame): void;
  /** The client's reset of a stream has reached the server. */
  onResetDelivered(view: StreamView): void;
}

/**
 * Reads both directions of a connection with eyes of its own and holds each end to RFC 9113: what it may send, given what
 * has reached it. A frame counts as sent when it is written, and as known when its last byte was read at the other end.
 */
export class ConnectionObserver {
  readonly view: ConnectionView;
  readonly #scanners: { readonly client: FrameScanner; readonly server: FrameScanner };
  readonly #rules: SentRules;
  readonly #deliveries: Deliveries;
  readonly #listener: ObserverListener;
  /** Handlers that started in the read that is under way, and brought the reset too. */
  #suspicions: string[] = [];

  constructor(view: ConnectionView, listener: ObserverListener) {
    this.view = view;
    this.#listener = listener;
    this.#rules = new SentRules(view, listener);
    this.#deliveries = new Deliveries(view, (stream) => listener.onResetDelivered(stream));
    this.#scanners = { client: this.#createScanner("client"), server: this.#createScanner("server") };
  }

  onWritten(role: Role, bytes: Buffer): void {
    this.#scanners[role].push(bytes);
  }

  /** `bytes` more of what the other end sent are about to be read by `role`. */
  onDelivered(role: Role, bytes: number): void {
    this.#deliveries.onDelivered(role, bytes);
  }

  /** A read by `role` has been taken in; `isHeld`: not all of it, the turns that follow look at the rest. */
  onRead(role: Role, isHeld: boolean): void {
    if (role !== "server") return;
    if (isHeld) {
      for (const view of this.view.streams.values()) {
        if (view.resetRead === this.#deliveries.serverReads) view.resetRead = Number.POSITIVE_INFINITY;
      }
    } else {
      for (const message of this.#suspicions) this.#violate("handler-start", message);
    }
    this.#suspicions = [];
    this.#deliveries.serverReads += 0.5;
  }

  /**
   * A handler starts on a stream. It must not when the stream's reset was read before, nor when one read brought both;
   * that one is judged at its end, for it may have been held between the two.
   */
  onHandlerStart(view: StreamView, message: string): void {
    if (view.resetRead < this.#deliveries.serverReads) this.#violate("handler-start", message);
    else if (view.resetRead === view.headersRead) this.#suspicions.push(message);
  }

  /** That end closes its direction of the connection, and nobody has made it. */
  onEnding(role: Role): void {
    if (this.view[role].settingsSent > 0 && this.view[role].goAways === 0) {
      this.#violate("goaway", `the ${role} ends the connection without a GOAWAY`);
    }
  }

  /** What that end owes to the other and could have paid: undefined for nothing. */
  debtOf(role: Role): string | undefined {
    const end = this.view[role];
    if (end.acksSent < end.settingsSeen) return "an acknowledgement of SETTINGS";
    if (end.pings.length > 0) return "an answer to a PING";
    if (role === "client") return undefined;
    for (const { id, server } of this.view.streams.values()) {
      // RFC 9113 §8.1: a server that needs no more of a request says so.
      if (server.ended && !server.reset && !server.seenEnd && !server.seenReset) return `a reset of stream ${id}`;
    }
    return undefined;
  }

  /** What holds once nothing moves any more on a connection that is still there. */
  checkQuiet(): void {
    for (const role of ["client", "server"] as const) {
      const open = this.view.openStreams(role);
      if (open.length > 0)
        this.#violate("no-leaks", `streams ${open.map((view) => view.id).join()} are open for the ${role}`);
      const end = this.view[role];
      // Up to half of a window may be owed without being told.
      const available = 65_535 + end.granted - end.receivedFlow;
      const least = end.host.windowBytes - Math.max(1, end.host.windowBytes >>> 1) + 1;
      if (available < least) {
        const message = `the ${role}'s connection window is ${available} of ${end.host.windowBytes} when all is read`;
        this.#violate("credit-ledger", message);
      }
    }
  }

  #createScanner(role: Role): FrameScanner {
    const onFrame = (frame: SeenFrame) => {
      this.view[role].travelling.push(frame);
      this.#listener.onFrame(role, frame);
      this.#rules.check(role, frame);
    };
    return new FrameScanner(role, onFrame, (what) => this.#violate("framing", `${role}: ${what}`));
  }

  #violate(law: string, message: string): void {
    this.#listener.violate(law, message);
  }
}
