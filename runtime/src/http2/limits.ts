/**
 * Every limit of an HTTP/2 session, in one place. Each has a unit in its name or its text, a default and a source;
 * Infinity is no limit. What each of them has met with is counted in SessionCounters.
 */

export interface Http2Limits {
  /** Streams that the peer may have open at once, and on a server handlers that run for it at once, those of calls that it has reset among them. Enforced from the first byte, before the peer has read our SETTINGS (CVE-2026-47244). Default 1000: handlers and retained bytes bound the work, 100 stalls callers. RFC 9113 §5.1.2 asks for no less than 100. (grpc-js: grpc.max_concurrent_streams) */
  readonly maxConcurrentStreams: number;
  /** Size of a received header list, as RFC 9113 §6.5.2 counts it. Default 16 KiB (C-core's hard limit). Above it the stream is refused, above four times it the connection ends. */
  readonly maxHeaderListBytes: number;
  /** Fields of a received header list. Default 128 (nghttp2, Node). */
  readonly maxHeaderFields: number;
  /** CONTINUATION frames of one header block. Default 8 (nghttp2; CVE-2024-27316). */
  readonly maxContinuationFrames: number;
  /** Memory of the header lists of all open streams of a connection, in bytes: what each brought of its own, and 16 for each field; what the dynamic table shares costs once. Above it new streams are refused. Default 4 MiB: a thousand calls with a token of 3 KiB each (CVE-2026-49975, CVE-2026-56846). */
  readonly maxRetainedHeaderBytes: number;
  /** Largest frame that we accept. Default 64 KiB: about what one read brings; with the least that RFC 9113 §4.2 allows, 16 KiB, a large message costs four times the frames. Only our own kind and some others send larger ones. */
  readonly maxFrameBytes: number;
  /** Receive window of a stream. Default 256 KiB. (grpc-js: grpc-node.flow_control_window) */
  readonly streamWindowBytes: number;
  /** Receive window of the connection. Default 4 MiB, the largest message that is received by default: it comes without a stop. */
  readonly connectionWindowBytes: number;
  /** Entries of one SETTINGS frame. Default 32 (nghttp2; CVE-2020-11080). */
  readonly maxSettingsEntries: number;
  /** SETTINGS frames a second, as a mean over ten seconds. Default 10. Above it the connection ends (CVE-2019-9515, CVE-2026-78669). */
  readonly maxSettingsPerSecond: number;
  /** PING frames without HEADERS or DATA in either direction between them. Default 1000 (nghttp2), ten of them given back a second: grpc-go measures bandwidth by PINGs among data, and is never stopped. Above it the connection ends (CVE-2019-9512). */
  readonly maxPings: number;
  /** WINDOW_UPDATE frames beyond two for each stream, and ten for each DATA frame, and for each 4 KiB of it, that we sent. Default 1000 (Envoy's ten). Above it the connection ends. */
  readonly maxWindowUpdates: number;
  /** DATA frames that carry nothing and do not end their stream. Default 100 (hyperium/h2), one of them given back a second. Above it the connection ends (CVE-2019-9518, RUSTSEC-2026-0258). */
  readonly maxEmptyDataFrames: number;
  /** Frames that change nothing: PRIORITY, unknown types, repeated GOAWAY, acknowledgements of nothing, RST_STREAM for streams that have ended, and more than four frames for each that we have reset. Default 10000, given back one a stream and 330 a second (nghttp2's rate for glitches). Above it the connection ends (CVE-2019-9513, -9514). */
  readonly maxUselessFrames: number;
  /** Premature ends of streams within ten seconds, if they are more than half of the streams opened in that time: streams that the peer reset within `prematureResetMs` to open others in their place, and those that it made us reset. Default 200. Above it the connection ends (CVE-2023-44487, CVE-2025-8671). */
  readonly maxPrematureResets: number;
  /** Age below which a stream's reset by its peer is premature, in milliseconds. Default 100: a deadline is seldom shorter. */
  readonly prematureResetMs: number;
  /** Streams that the peer may open in one turn of the event loop; then the other connections have theirs. Default 32 (C-core). */
  readonly maxNewStreamsPerTurn: number;
  /** Answers owed to the peer (PING and SETTINGS acknowledgements, resets) that have not left. Default 100 (grpc-go): at so many nothing more is read until they have (CVE-2019-9512, -9514, -9515, GO-2026-6061). */
  readonly maxQueuedControlFrames: number;
  /** Bytes that a stream may have queued for sending before its sender is told to wait. Default 64 KiB (grpc-go's write quota). */
  readonly streamSendBufferBytes: number;
  /** Time that a client has for its preface and SETTINGS, and a peer for its answer to a shutdown's PING, in milliseconds. Default 20000 (grpc-go, connection-backoff.md). */
  readonly handshakeTimeoutMs: number;
  /** 1xx responses on one stream. Default 16. */
  readonly maxInformationalResponses: number;
  /** Highest id of a stream that a client opens; then the connection takes no more and has to be replaced. Default 2^31-1 (RFC 9113 §5.1.1). */
  readonly maxStreamId: number;
}

export const defaultHttp2Limits: Http2Limits = Object.freeze({
  maxConcurrentStreams: 1000,
  maxHeaderListBytes: 16 * 1024,
  maxHeaderFields: 128,
  maxContinuationFrames: 8,
  maxRetainedHeaderBytes: 4 * 1024 * 1024,
  maxFrameBytes: 64 * 1024,
  streamWindowBytes: 256 * 1024,
  connectionWindowBytes: 4 * 1024 * 1024,
  maxSettingsEntries: 32,
  maxSettingsPerSecond: 10,
  maxPings: 1000,
  maxWindowUpdates: 1000,
  maxEmptyDataFrames: 100,
  maxUselessFrames: 10_000,
  maxPrematureResets: 200,
  prematureResetMs: 100,
  maxNewStreamsPerTurn: 32,
  maxQueuedControlFrames: 100,
  streamSendBufferBytes: 64 * 1024,
  handshakeTimeoutMs: 20_000,
  maxInformationalResponses: 16,
  maxStreamId: 0x7fffffff,
});
