import { defaultHttp2Limits, type Http2Limits } from "../http2/limits.js";

/** Limits of a connection: HTTP/2's and those of messages. */
export interface TransportLimits extends Http2Limits {
  /** Largest message that is received, in bytes, before and after decompression. Default 4 MiB; Infinity is no limit. (grpc-js: grpc.max_receive_message_length) */
  readonly maxReceiveMessageBytes: number;
  /** Largest message that is sent, in bytes, before compression. Default Infinity. (grpc-js: grpc.max_send_message_length) */
  readonly maxSendMessageBytes: number;
  /** Received bytes that wait to be asked for and do not hold the connection's window yet, so that calls that are read slowly do not stop the others. Default 16 MiB; 0: they always hold it. */
  readonly maxUnreadBytes: number;
  /** Messages of one connection that are given out in one turn of the event loop; then other connections and timers have theirs. Default 256: some tenths of a millisecond. */
  readonly maxMessagesPerTurn: number;
  /** Memory of messages of one connection that have come in part, in bytes. Default 8 MiB, two messages of the default size: above it only the stream whose message began first may go on. Windows are opened ahead for as many bytes again; beside both, each stream may fill the window that it has from the start, `streamWindowBytes`. */
  readonly maxIncompleteBytes: number;
  /** Frames beside DATA that wait for a peer that does not read, in bytes. Default 4 MiB: above it the connection ends (CVE-2019-9517, CVE-2019-9518). */
  readonly maxUnsentBytes: number;
}

/** What users give: the limits that they care for. */
export type LimitOptions = Partial<TransportLimits>;

export const defaultTransportLimits: TransportLimits = Object.freeze({
  ...defaultHttp2Limits,
  maxReceiveMessageBytes: 4 * 1024 * 1024,
  maxSendMessageBytes: Number.POSITIVE_INFINITY,
  maxUnreadBytes: 16 * 1024 * 1024,
  maxMessagesPerTurn: 256,
  maxIncompleteBytes: 8 * 1024 * 1024,
  maxUnsentBytes: 4 * 1024 * 1024,
});

/** What SETTINGS, WINDOW_UPDATE and stream ids can carry: whole numbers, least and most (RFC 9113 §4.1, §6.5.2, §6.9.1, §6.9.2). */
const ranges: Readonly<Partial<Record<string, readonly [least: number, most: number]>>> = {
  maxConcurrentStreams: [0, 0xffff_ffff],
  maxHeaderListBytes: [0, 0xffff_ffff],
  maxFrameBytes: [16_384, 16_777_215],
  streamWindowBytes: [1, 0x7fff_ffff],
  connectionWindowBytes: [65_535, 0x7fff_ffff],
  maxStreamId: [1, 0x7fff_ffff],
  // With none, a connection would never get anywhere.
  maxNewStreamsPerTurn: [1, 0xffff_ffff],
  maxMessagesPerTurn: [1, 0xffff_ffff],
  maxQueuedControlFrames: [1, 0xffff_ffff],
};

/** Throws TypeError for a limit that does not exist, is not a number of 0 or more, or is none that HTTP/2 can express. */
export function resolveLimits(options: LimitOptions | undefined): TransportLimits {
  if (options === undefined) return defaultTransportLimits;
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(defaultTransportLimits, name)) {
      throw new TypeError(
        `limit "${name}" does not exist; there are: ${Object.keys(defaultTransportLimits).join(", ")}`,
      );
    }
    if (typeof value !== "number" || !(value >= 0)) {
      throw new TypeError(`limit "${name}" is ${String(value)}: expected a number of 0 or more`);
    }
    const range = ranges[name];
    if (range !== undefined && !(Number.isInteger(value) && value >= range[0] && value <= range[1])) {
      throw new TypeError(`limit "${name}" is ${value}: expected a whole number from ${range[0]} to ${range[1]}`);
    }
  }
  return Object.freeze({ ...defaultTransportLimits, ...options });
}
