/** What one end has done on a stream, and what has reached it there. */
export interface StreamHalf {
  /** Header blocks that it has sent. */
  blocks: number;
  /** It has sent END_STREAM, or RST_STREAM. */
  ended: boolean;
  reset: boolean;
  /** Flow-controlled bytes of DATA that it has sent. */
  sentFlow: number;
  /** Flow-controlled bytes of DATA whose frame headers have reached it. */
  receivedFlow: number;
  /** Sum of the WINDOW_UPDATEs that it has sent, and of those that have reached it. */
  granted: number;
  grants: number;
  /** The other end's header blocks, END_STREAM and RST_STREAM have reached it. */
  seenBlocks: number;
  seenEnd: boolean;
  /** Turn of the end's process in which it was read. */
  seenEndTurn: number;
  seenReset: boolean;
}

/** One stream of a connection, as the wire shows it. */
export interface StreamView {
  readonly id: number;
  /** The call that it carries. */
  callId: number;
  /** Of that call, from 1; transparent retries have the same. */
  attempt: number;
  /** Which of the server's reads brought the request's headers, and the client's reset. */
  headersRead: number;
  resetRead: number;
  readonly client: StreamHalf;
  readonly server: StreamHalf;
}

function createHalf(): StreamHalf {
  return {
    blocks: 0,
    ended: false,
    reset: false,
    sentFlow: 0,
    receivedFlow: 0,
    granted: 0,
    grants: 0,
    seenBlocks: 0,
    seenEnd: false,
    seenEndTurn: 0,
    seenReset: false,
  };
}

export function createStreamView(id: number): StreamView {
  return {
    id,
    callId: -1,
    attempt: 1,
    headersRead: -1,
    resetRead: Number.POSITIVE_INFINITY,
    client: createHalf(),
    server: createHalf(),
  };
}

/** Whether the stream is closed for that end (RFC 9113 §5.1). */
export function isClosedFor(half: StreamHalf): boolean {
  return half.reset || half.seenReset || (half.ended && half.seenEnd);
}
