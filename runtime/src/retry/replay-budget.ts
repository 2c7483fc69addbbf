/** What calls may keep of their requests so that they can be sent again. Limits with names, units and sources. */

/** Bytes of messages that one call keeps, at most. (grpc-js: grpc.per_rpc_retry_buffer_size) */
const defaultMaxCallReplayBytes = 1024 * 1024;

/** Bytes of messages that all calls of a channel keep together, at most. (grpc-js: grpc.retry_buffer_size) */
const defaultMaxChannelReplayBytes = 16 * 1024 * 1024;

/** What each message counts beside its encoded bytes, so that empty ones have a limit, too. (this library) */
export const messageOverheadBytes = 64;

/** Bytes that the calls of one channel keep for replay. */
export class ReplayBudget {
  readonly maxCallBytes: number;
  readonly #maxChannelBytes: number;
  #heldBytes = 0;

  constructor(maxCallBytes = defaultMaxCallReplayBytes, maxChannelBytes = defaultMaxChannelReplayBytes) {
    this.maxCallBytes = maxCallBytes;
    this.#maxChannelBytes = maxChannelBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Counts bytes that a call keeps; false when they are more than there is room for, and nothing is counted. */
  take(bytes: number): boolean {
    if (this.#heldBytes + bytes > this.#maxChannelBytes) return false;
    this.#heldBytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#heldBytes -= bytes;
  }
}
