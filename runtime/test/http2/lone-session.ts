import assert from "node:assert/strict";
import type { HeaderBlock } from "../../src/hpack/header-block.js";
import { defaultHttp2Limits, type Http2Limits } from "../../src/http2/limits.js";
import { Http2Session } from "../../src/http2/session.js";
import type { SessionEvent } from "../../src/http2/session-event.js";
import type { WireFrame } from "../support/frames.js";
import { bytesOf, clientPreface, codeName, describeFrame, frames, type Part, parseFrames } from "../support/frames.js";

/** Fields of a block and its prefixes. */
export function allFields(block: HeaderBlock): string[] {
  return block.prefix === undefined ? [...block.fields] : [...allFields(block.prefix), ...block.fields];
}

/** An event in a few words: `headers 1 END_STREAM`, `reset 1 CANCEL remote`. */
export function describeEvent(event: SessionEvent): string {
  switch (event.type) {
    case "headers":
      return `headers ${event.streamId}${event.endStream ? " END_STREAM" : ""}`;
    case "data":
      return `data ${event.streamId} ${event.end - event.start} bytes${event.endStream ? " END_STREAM" : ""}`;
    case "reset":
      return `reset ${event.streamId} ${codeName(event.code)} ${event.initiator}${event.unprocessed ? " unprocessed" : ""}`;
    case "writable":
      return `writable ${event.streamId}`;
    case "settings":
      return "settings";
    case "pong":
      return `pong ${Buffer.from(event.payload).toString("latin1")}`;
    case "goAway":
      return `goAway ${event.lastStreamId} ${codeName(event.code)} ${JSON.stringify(event.debug)}`;
    case "closed":
      return `closed ${codeName(event.code)} ${event.initiator}`;
  }
}

/** One session against frames made by hand. */
export class LoneSession {
  readonly session: Http2Session;
  now = 0;
  #clientPrefaceSeen: boolean;

  constructor(
    readonly role: "client" | "server",
    limits: Partial<Http2Limits> = {},
  ) {
    this.session = new Http2Session(role, { ...defaultHttp2Limits, ...limits }, this.now);
    this.#clientPrefaceSeen = role === "server";
  }

  /** A session that has exchanged SETTINGS with its peer and has nothing more to say. */
  static open(role: "client" | "server", limits: Partial<Http2Limits> = {}, ...settings: number[]): LoneSession {
    const lone = new LoneSession(role, limits);
    assert.deepEqual(lone.greet(...settings), ["settings"]);
    lone.sentFrames();
    return lone;
  }

  /** What a peer begins with. */
  greet(...settings: number[]): string[] {
    const start = this.role === "server" ? clientPreface : Buffer.alloc(0);
    return this.feed(start, frames.settings(...settings), frames.settingsAck());
  }

  /** Receives bytes in one chunk; the events in words. */
  feed(...parts: Part[]): string[] {
    return this.feedEvents(...parts).map(describeEvent);
  }

  feedEvents(...parts: Part[]): SessionEvent[] {
    const bytes = bytesOf(...parts);
    if (bytes.length > 0) this.session.receive(bytes, this.now);
    return this.takeEvents();
  }

  takeEvents(): SessionEvent[] {
    const events: SessionEvent[] = [];
    for (let event = this.session.nextEvent(); event !== undefined; event = this.session.nextEvent()) {
      events.push(event);
    }
    return events;
  }

  events(): string[] {
    return this.takeEvents().map(describeEvent);
  }

  /** All output since the last time, a client's preface left out. */
  sentBytes(): Buffer {
    const pieces: Buffer[] = [];
    for (;;) {
      const chunks = this.session.takeOutput(256 * 1024);
      if (chunks.length === 0) break;
      pieces.push(Buffer.concat(chunks));
      this.session.outputReleased();
    }
    const bytes = Buffer.concat(pieces);
    if (this.#clientPrefaceSeen || bytes.length === 0) return bytes;
    this.#clientPrefaceSeen = true;
    assert.deepEqual(bytes.subarray(0, 24), clientPreface, "a client's first bytes are its preface");
    return bytes.subarray(24);
  }

  sentFrames(): WireFrame[] {
    return parseFrames(this.sentBytes());
  }

  /** Frames sent since the last time, in words. */
  sent(): string[] {
    return this.sentFrames().map(describeFrame);
  }

  /** Sends a message as a transport does, encoded in place. */
  sendMessage(id: number, message: Uint8Array, endStream = false): boolean {
    const sink = this.session.beginData(id, 0);
    sink.append(message);
    return this.session.endData(endStream);
  }

  /** The sentence of the one `closed` event among `events`. */
  static closedMessage(events: readonly SessionEvent[]): string {
    const closed = events.filter((event) => event.type === "closed");
    assert.equal(closed.length, 1, "closed comes once");
    assert.equal(events.at(-1), closed[0], "closed is last");
    return (closed[0] as SessionEvent & { type: "closed" }).message;
  }
}
