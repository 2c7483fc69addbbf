/** A session that is fed the bytes of a peer in given chunks, and everything that an owner and the peer learn of it. */
import { flatFields, HeaderBlock } from "../../../../src/hpack/header-block.js";
import type { Http2Limits } from "../../../../src/http2/limits.js";
import { Http2Session } from "../../../../src/http2/session.js";
import type { SessionEvent } from "../../../../src/http2/session-event.js";

/** Streams that a client opens once the server's SETTINGS are there. */
export const clientStreams = 6;

const request = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m"]);
const response = new HeaderBlock([":status", "200"]);
const trailers = new HeaderBlock(["grpc-status", "0"]);

export interface SplitTrace {
  /** Events with all that they say, DATA that follows on itself joined. */
  readonly events: readonly string[];
  /** All output: what a client says up to the HEADERS of its streams, and what is taken behind the last byte. */
  readonly output: Buffer;
}

/** When an owner takes events: after each chunk, or once all have come. */
export type Drain = "each" | "last";

export function playSplit(
  role: "client" | "server",
  limits: Http2Limits,
  chunks: Iterable<Uint8Array>,
  drain: Drain,
): SplitTrace {
  const session = new Http2Session(role, limits, 0);
  const trace = new Trace();
  const output: Buffer[] = [];
  const takeEvents = () => {
    for (let event = session.nextEvent(); event !== undefined; event = session.nextEvent()) {
      trace.add(event);
      if (react(session, role, event)) output.push(outputOf(session));
    }
  };
  for (const chunk of chunks) {
    session.receive(chunk, 0);
    if (drain === "each") takeEvents();
  }
  takeEvents();
  session.receiveEnd(0);
  takeEvents();
  return { events: trace.finish(), output: Buffer.concat([...output, outputOf(session)]) };
}

/**
 * Commands that depend on events alone, and on each only once: DATA comes in other pieces when it is cut elsewhere.
 * Tells whether output is to be taken at once: until HEADERS have left, their streams are idle to the peer.
 */
function react(session: Http2Session, role: "client" | "server", event: SessionEvent): boolean {
  if (role === "client") {
    if (event.type !== "settings" || session.openStreams > 0) return false;
    for (let i = 0; i < clientStreams; i++) session.openStream(request, i % 2 === 0);
    return true;
  }
  if (event.type === "headers") {
    if (event.streamId % 4 === 1) session.sendHeaders(event.streamId, response, false);
  } else if (event.type === "data" && event.endStream) {
    session.sendHeaders(event.streamId, trailers, true);
  }
  return false;
}

class Trace {
  readonly #words: string[] = [];
  #stream = 0;
  #data = "";

  add(event: SessionEvent): void {
    if (event.type === "data") {
      if (this.#stream !== event.streamId) this.#flush();
      this.#stream = event.streamId;
      this.#data += Buffer.from(
        event.bytes.buffer,
        event.bytes.byteOffset + event.start,
        event.end - event.start,
      ).toString("latin1");
      if (event.endStream) {
        this.#data += " END_STREAM";
        this.#flush();
      }
      return;
    }
    this.#flush();
    if (event.type === "headers") {
      const { streamId, endStream, headers } = event;
      this.#words.push(`headers ${streamId} ${endStream} ${flatFields(headers).join("\n")}`);
    } else {
      this.#words.push(JSON.stringify(event));
    }
  }

  finish(): readonly string[] {
    this.#flush();
    return this.#words;
  }

  #flush(): void {
    if (this.#stream !== 0) this.#words.push(`data ${this.#stream} ${this.#data}`);
    this.#stream = 0;
    this.#data = "";
  }
}

function outputOf(session: Http2Session): Buffer {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const chunks = session.takeOutput(Number.POSITIVE_INFINITY);
    if (chunks.length === 0) return Buffer.concat(pieces);
    pieces.push(...chunks);
  }
}
