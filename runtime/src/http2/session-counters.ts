/**
 * What a session has met with since it began, each a number that only grows. For every limit of Http2Limits there is one
 * that shows how close a peer comes to it, or how often it was stopped.
 */
export class SessionCounters {
  /** Streams that the peer opened, refused ones among them. */
  streamsOpened = 0;
  /** Those refused for maxConcurrentStreams. */
  streamsRefused = 0;
  /** Those refused for maxRetainedHeaderBytes. */
  headersRefused = 0;
  /** Header lists above maxHeaderListBytes or maxHeaderFields. */
  headerListsTooLarge = 0;
  /** CONTINUATION frames. */
  continuations = 0;
  /** Streams that the peer reset before anything was answered and before they were prematureResetMs old. */
  prematureResets = 0;
  /** Streams that we reset because of what the peer did on them. */
  provokedResets = 0;
  settingsFrames = 0;
  pings = 0;
  windowUpdates = 0;
  emptyDataFrames = 0;
  uselessFrames = 0;
  /** Header blocks that we sent, trailers among them. */
  headerBlocksSent = 0;
  /** DATA frames that we sent. */
  dataFramesSent = 0;
  /** How often reading paused because answers waited to leave (maxQueuedControlFrames). */
  answerPauses = 0;
  /** How often reading paused because the peer had opened all streams of a turn (maxNewStreamsPerTurn). */
  streamPauses = 0;
}
