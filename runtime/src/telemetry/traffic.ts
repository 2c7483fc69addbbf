import type { Millis, Platform } from "../base/platform.js";
import { wallTime } from "./wall-time.js";

/** What one connection has carried since it opened. */
export interface TrafficReport {
  readonly streamsStarted: number;
  /** Those that the server ended in good order, whatever the status. */
  readonly streamsSucceeded: number;
  readonly streamsFailed: number;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly keepalivesSent: number;
  /** To about the length of a turn of the event loop, as the next two. */
  readonly lastStreamAt: Date | undefined;
  readonly lastMessageSentAt: Date | undefined;
  readonly lastMessageReceivedAt: Date | undefined;
  /** Flow control window of the connection, in bytes: what may be sent, and what the peer may send. */
  readonly sendWindow: number;
  readonly receiveWindow: number;
}

/** What a connection knows without `Traffic`. */
export interface TrafficTotals {
  readonly streamsStarted: number;
  readonly openStreams: number;
  readonly messagesReceived: number;
  readonly keepalivesSent: number;
  readonly sendWindow: number;
  readonly receiveWindow: number;
}

/**
 * Counts what a connection carries. On the way of every message: plain numbers. When something was carried last is found
 * out once a turn, by comparing them with those of the turn before.
 */
export class Traffic {
  streamsSucceeded = 0;
  /** Calls that ended with OK; on a client alone. */
  callsSucceeded = 0;
  messagesSent = 0;
  #streams = 0;
  #sent = 0;
  #received = 0;
  #lastStreamAt = Number.NaN;
  #lastSentAt = Number.NaN;
  #lastReceivedAt = Number.NaN;

  /** NaN: never. */
  get lastStreamAt(): Millis {
    return this.#lastStreamAt;
  }

  /** A turn is over, which began at about `now`. @param streams Streams that were started since the beginning. */
  onTurn(streams: number, received: number, now: Millis): void {
    if (streams !== this.#streams) {
      this.#streams = streams;
      this.#lastStreamAt = now;
    }
    if (received !== this.#received) {
      this.#received = received;
      this.#lastReceivedAt = now;
    }
    if (this.messagesSent !== this.#sent) {
      this.#sent = this.messagesSent;
      this.#lastSentAt = now;
    }
  }

  report(platform: Pick<Platform, "now" | "wallClock">, totals: TrafficTotals): TrafficReport {
    const { openStreams, ...rest } = totals;
    const { streamsSucceeded, messagesSent } = this;
    return {
      ...rest,
      streamsSucceeded,
      // A stream whose last bytes have not left is open to HTTP/2 and over to us.
      streamsFailed: Math.max(0, totals.streamsStarted - openStreams - streamsSucceeded),
      messagesSent,
      lastStreamAt: wallTime(platform, this.#lastStreamAt),
      lastMessageSentAt: wallTime(platform, this.#lastSentAt),
      lastMessageReceivedAt: wallTime(platform, this.#lastReceivedAt),
    };
  }
}
