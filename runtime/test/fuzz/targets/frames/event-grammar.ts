/** What a session may tell, and in which order; anything else is thrown. Keeps what its owner knows of each stream. */
import assert from "node:assert/strict";
import { flatFields } from "../../../../src/hpack/header-block.js";
import type { Http2Limits } from "../../../../src/http2/limits.js";
import type { SessionEvent } from "../../../../src/http2/session-event.js";

/** A stream as its owner sees it. */
export interface OwnedStream {
  readonly id: number;
  headersReceived: boolean;
  endReceived: boolean;
  /** It was reset, by either side. */
  isReset: boolean;
  headersSent: boolean;
  /** Our last command on it was given. */
  endSent: boolean;
  /** It is to be reset once what is queued on it has left. */
  isResetAsked: boolean;
  /** `sendData` said that we have to wait. */
  isWaiting: boolean;
  /** Bytes that were received and not given back. */
  unreleased: number;
}

export class EventGrammar {
  readonly streams = new Map<number, OwnedStream>();
  closed = false;

  constructor(
    readonly role: "client" | "server",
    readonly limits: Http2Limits,
  ) {}

  /** We opened a stream. */
  opened(id: number, endStream: boolean): void {
    this.streams.set(id, { ...newStream(id), headersSent: true, endSent: endStream });
  }

  /** Judges an event; gives the stream that it is about. */
  take(event: SessionEvent): OwnedStream | undefined {
    assert.ok(!this.closed, `${event.type} after closed`);
    switch (event.type) {
      case "headers":
        return this.#headers(event);
      case "data":
        return this.#data(event);
      case "reset": {
        const stream = this.#known(event.streamId);
        assert.ok(!stream.isReset, "a stream is reset once");
        stream.isReset = true;
        return stream;
      }
      case "writable": {
        const stream = this.#known(event.streamId);
        assert.ok(stream.isWaiting && !stream.endSent, "writable is told to who waits");
        stream.isWaiting = false;
        return stream;
      }
      case "closed":
        this.closed = true;
        return undefined;
      case "pong":
        assert.equal(event.payload.length, 8);
        return undefined;
      case "goAway":
        assert.ok(event.debug.length <= 1024);
        return undefined;
      default:
        return undefined;
    }
  }

  #headers(event: SessionEvent & { type: "headers" }): OwnedStream {
    const { streamId: id, headers, endStream } = event;
    assert.ok(headers.listBytes <= this.limits.maxHeaderListBytes, "a header list within its limit");
    assert.ok(flatFields(headers).length <= 2 * this.limits.maxHeaderFields, "fields within their limit");
    let stream = this.streams.get(id);
    if (stream === undefined) {
      assert.ok(this.role === "server" && (id & 1) === 1, `headers of stream ${id}, which nobody opened`);
      stream = newStream(id);
      this.streams.set(id, stream);
    } else {
      this.#known(id);
      assert.ok(!stream.endReceived, "nothing comes behind the end");
      assert.ok(!stream.headersReceived || endStream, "trailers end a stream");
    }
    stream.headersReceived = true;
    stream.endReceived ||= endStream;
    return stream;
  }

  #data(event: SessionEvent & { type: "data" }): OwnedStream {
    const stream = this.#known(event.streamId);
    const { bytes, start, end } = event;
    assert.ok(start >= 0 && start <= end && end <= bytes.length);
    assert.ok(stream.headersReceived && !stream.endReceived, "DATA stands between headers and the end");
    assert.ok(end > start || event.endStream, "DATA without bytes and without an end is not told");
    stream.endReceived = event.endStream;
    stream.unreleased += end - start;
    return stream;
  }

  /** A stream that may still be heard of. */
  #known(id: number): OwnedStream {
    const stream = this.streams.get(id);
    assert.ok(stream !== undefined, `stream ${id} was never heard of`);
    assert.ok(!stream.isReset, `stream ${id} was reset, and more is told of it`);
    return stream;
  }
}

function newStream(id: number): OwnedStream {
  return {
    id,
    headersReceived: false,
    endReceived: false,
    isReset: false,
    headersSent: false,
    endSent: false,
    isResetAsked: false,
    isWaiting: false,
    unreleased: 0,
  };
}
