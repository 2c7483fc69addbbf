import { assert } from "../../base/assert.js";
import type { Millis } from "../../base/platform.js";
import type { HeaderBlock } from "../../hpack/header-block.js";
import type { StreamId } from "../session-event.js";
import { ReceiveWindow } from "./flow-window.js";
import { nextStreamState, type StreamState, type StreamTransition } from "./stream-state.js";

/** What waits on a stream behind its queued data. */
export type QueuedEnd = { readonly kind: "endStream" } | { readonly kind: "trailers"; readonly headers: HeaderBlock };

/** Of a stream on which nothing has ever waited: never written to. */
const noChunks: Uint8Array[] = [];

/** One stream of a session: plain state. */
export class Http2Stream {
  readonly id: StreamId;
  /** When the input came that opened it. */
  openedAt: Millis = 0;
  state: StreamState = "open";
  /**
   * Send window less the peer's SETTINGS_INITIAL_WINDOW_SIZE, so that a change of that setting touches no stream
   * (RFC 9113 §6.9.2; CVE-2026-78669).
   */
  sendDelta = 0;
  readonly receiveWindow: ReceiveWindow;
  /** DATA payload that waits for windows, oldest first. */
  queue = noChunks;
  queuedBytes = 0;
  /** What comes behind `queue`. */
  queuedEnd: QueuedEnd | undefined;
  /** Code of the RST_STREAM that comes behind everything queued (RFC 9113 §8.1). */
  queuedReset: number | undefined;
  /** Whether the write scheduler has the stream in its ring. */
  scheduled = false;
  /** Whether the sender was told to wait. */
  saturated = false;
  /** Whether the final header block of the other side came: a response that is not 1xx, or a request. */
  headersReceived = false;
  /** Whether we have sent headers on it. */
  headersSent = false;
  /** What its header list keeps in memory, counted against maxRetainedHeaderBytes. */
  headerBytes = 0;
  /** Number of 1xx responses. */
  informational = 0;
  /** What the peer's content-length says is still to come, -1 when it says nothing (RFC 9113 §8.1.1). */
  contentLeft = -1;

  constructor(id: StreamId, receiveWindowBytes: number, grantedBytes: number = receiveWindowBytes) {
    this.id = id;
    this.receiveWindow = new ReceiveWindow(receiveWindowBytes, grantedBytes);
  }

  /** Adds to what waits. */
  enqueue(chunk: Uint8Array): void {
    if (this.queue === noChunks) this.queue = [];
    this.queue.push(chunk);
  }

  /** Forgets what waits. */
  discard(): void {
    this.queue = noChunks;
    this.queuedBytes = 0;
    this.queuedEnd = undefined;
    this.queuedReset = undefined;
  }

  transition(input: StreamTransition): void {
    const next = nextStreamState(this.state, input);
    // The sentence is made only when it is needed: this runs four times a call.
    if (next === undefined) assert(false, `stream ${this.id} is ${this.state}, ${input} is not allowed`);
    this.state = next;
  }
}
