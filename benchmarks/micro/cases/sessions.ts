/** Whole sessions, client and server, one turn after another in memory: all of HTTP/2 that a call or message meets. */
import assert from "node:assert/strict";
import type { HeaderBlock } from "../../../runtime/src/hpack/header-block.js";
import { defaultHttp2Limits } from "../../../runtime/src/http2/limits.js";
import { Http2Session } from "../../../runtime/src/http2/session.js";
import type { SessionEvent } from "../../../runtime/src/http2/session-event.js";
import { messagePrefixBytes, writeMessagePrefix } from "../../../runtime/src/wire/message-framer.js";
import type { MicroCase } from "../micro-case.js";
import { headlineBlocks, okTrailers, requestPrefix, responseHeaders } from "./sample-headers.js";

const message = Buffer.alloc(64, "m");
const turnBytes = 256 * 1024;
const callsPerTurn = 100;
const messagesPerTurn = 512;

type Handler = (event: SessionEvent) => void;

class SessionPair {
  readonly client = new Http2Session("client", defaultHttp2Limits, 0);
  readonly server = new Http2Session("server", defaultHttp2Limits, 0);
  onClientEvent: Handler = () => {};
  onServerEvent: Handler = () => {};
  #now = 0;

  constructor() {
    this.exchange();
  }

  /** Until neither has anything to say. */
  exchange(): void {
    // A turn a millisecond: what a peer may spend is counted by the time.
    this.#now++;
    for (;;) {
      const isSaid = this.#carry(this.client, this.server, this.onServerEvent);
      if (!this.#carry(this.server, this.client, this.onClientEvent) && !isSaid) return;
    }
  }

  #carry(from: Http2Session, to: Http2Session, handle: Handler): boolean {
    const chunks = from.takeOutput(turnBytes);
    for (const chunk of chunks) {
      to.receive(chunk, this.#now);
      for (let event = to.nextEvent(); event !== undefined; event = to.nextEvent()) handle(event);
    }
    // All of it has been read, and nothing is kept.
    from.outputReleased();
    return chunks.length > 0;
  }
}

export function sessionCases(): readonly MicroCase[] {
  return [
    callsCase(
      "session/headline",
      "a call of 64 B each way, with timeout and a value that none had before",
      headlineBlocks(2000),
    ),
    callsCase("session/bare", "a call of 64 B each way, with neither", [requestPrefix]),
    streamCase(),
  ];
}

function sendMessage(session: Http2Session, id: number, isLast: boolean): void {
  const sink = session.beginData(id, messagePrefixBytes);
  sink.append(message);
  writeMessagePrefix(sink.bytes, session.prefixOffset, false, message.length);
  session.endData(isLast);
}

function callsCase(id: string, operation: string, blocks: readonly HeaderBlock[]): MicroCase {
  const pair = new SessionPair();
  const { client, server } = pair;
  let next = 0;
  let answered = 0;
  pair.onServerEvent = (event) => {
    if (event.type !== "data") return;
    server.releaseWindow(event.streamId, event.end - event.start);
    if (!event.endStream) return;
    server.sendHeaders(event.streamId, responseHeaders, false);
    sendMessage(server, event.streamId, false);
    server.sendHeaders(event.streamId, okTrailers, true);
  };
  pair.onClientEvent = (event) => {
    if (event.type === "data") client.releaseWindow(event.streamId, event.end - event.start);
    else if (event.type === "headers" && event.endStream) answered++;
  };
  const run = (): number => {
    answered = 0;
    for (let i = 0; i < callsPerTurn; i++) {
      const stream = client.openStream(blocks[next] as HeaderBlock, false);
      next = (next + 1) % blocks.length;
      sendMessage(client, stream ?? 0, true);
    }
    pair.exchange();
    return answered;
  };
  assert.equal(run(), callsPerTurn);
  return { id, operation, operations: callsPerTurn, run };
}

function streamCase(): MicroCase {
  const pair = new SessionPair();
  const { client, server } = pair;
  const stream = client.openStream(requestPrefix, false) ?? 0;
  let bytes = 0;
  pair.onServerEvent = (event) => {
    if (event.type !== "data") return;
    bytes += event.end - event.start;
    server.releaseWindow(event.streamId, event.end - event.start);
  };
  const run = (): number => {
    bytes = 0;
    for (let i = 0; i < messagesPerTurn; i++) sendMessage(client, stream, false);
    pair.exchange();
    return bytes;
  };
  assert.equal(run(), messagesPerTurn * (message.length + messagePrefixBytes));
  return { id: "session/stream", operation: "a message of 64 B on a stream", operations: messagesPerTurn, run };
}
