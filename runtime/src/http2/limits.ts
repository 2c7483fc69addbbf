/** Every limit of an HTTP/2 session, in one place. Each has a unit in its name or its text, a default and a source. */

export interface Http2Limits {
  /** Streams that the peer may have open at once. Default 1000: handlers and retained bytes bound the work, 100 stalls callers. RFC 9113 §5.1.2 asks for no less than 100. (grpc-js: grpc.max_concurrent_streams) */
  readonly maxConcurrentStreams: number;
  /** Size of a received header list, as RFC 9113 §6.5.2 counts it. Default 16 KiB (C-core's hard limit). Above it the stream is refused, above four times it the connection ends. */
  readonly maxHeaderListBytes: number;
  /** Fields of a received header list. Default 128 (nghttp2, Node). */
  readonly maxHeaderFields: number;
  /** CONTINUATION frames of one header block. Default 8 (nghttp2; CVE-2024-27316). */
  readonly maxContinuationFrames: number;
  /** Largest frame that we accept. Default 16384, the least that RFC 9113 §4.2 allows. */
  readonly maxFrameBytes: number;
  /** Receive window of a stream. Default 256 KiB. (grpc-js: grpc-node.flow_control_window) */
  readonly streamWindowBytes: number;
  /** Receive window of the connection. Default 1 MiB. */
  readonly connectionWindowBytes: number;
  /** Entries of one SETTINGS frame. Default 32 (nghttp2; CVE-2020-11080). */
  readonly maxSettingsEntries: number;
  /** Answers owed to the peer (PING and SETTINGS acknowledgements, resets) that it has not read. Default 1000 (nghttp2; CVE-2019-9512, -9514, -9515): above it the connection ends. */
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
  maxFrameBytes: 16384,
  streamWindowBytes: 256 * 1024,
  connectionWindowBytes: 1024 * 1024,
  maxSettingsEntries: 32,
  maxQueuedControlFrames: 1000,
  streamSendBufferBytes: 64 * 1024,
  handshakeTimeoutMs: 20_000,
  maxInformationalResponses: 16,
  maxStreamId: 0x7fffffff,
});
