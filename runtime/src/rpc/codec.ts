import type { ByteSink } from "../base/byte-sink.js";

/**
 * Turns messages of one type into bytes and back. Both directions throw on failure; the transport turns that into a
 * status of the one call.
 */
export interface Codec<T = unknown> {
  /** Appends the message to the sink. When it throws, what it wrote is discarded. */
  encode(message: T, sink: ByteSink): void;
  /**
   * Reads the message that fills bytes[start, end). With `alias` the result may keep views of `bytes`; without, whatever
   * it keeps is copied.
   */
  decode(bytes: Uint8Array, start: number, end: number, alias: boolean): T;
}
