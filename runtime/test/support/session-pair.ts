import assert from "node:assert/strict";
import { defaultHttp2Limits, type Http2Limits } from "../../src/http2/limits.js";
import { Http2Session } from "../../src/http2/session.js";
import type { SessionEvent } from "../../src/http2/session-event.js";
import type { SeededRandom } from "../hpack/random.js";

export interface SessionPairOptions {
  readonly clientLimits?: Partial<Http2Limits>;
  readonly serverLimits?: Partial<Http2Limits>;
  /** How bytes are cut on their way: as they were written (the default), one by one, or at random places. */
  readonly cuts?: "whole" | "byte" | SeededRandom;
}

/** What one end does with an event. */
export type EventHandler = (event: SessionEvent, side: PairSide) => void;

/** Output of a step: small, so that a scheduler has to choose. */
const takeBytes = 32 * 1024;
/** A pair that is not quiet after so many steps never will be. */
const maxSteps = 1_000_000;

/** One end of a pair: its session, what it has been told, and its bytes on their way to the other end. */
export class PairSide {
  readonly events: SessionEvent[] = [];
  /** Called with each event when it comes; by default what was received is given back at once. */
  handle: EventHandler = releaseAtOnce;
  /** Nothing sent by this side arrives while this is set. */
  isHeld = false;
  /** Bytes that this side has sent. */
  sentBytes = 0;
  inTransit: Buffer[] = [];
  /** Chunks that the session still owns, and what was in them when they were taken. */
  #taken: { readonly chunk: Uint8Array; readonly copy: Buffer }[] = [];

  constructor(readonly session: Http2Session) {}

  /** Moves output onto the wire. Whether there was any. */
  send(): boolean {
    const chunks = this.session.takeOutput(takeBytes);
    for (const chunk of chunks) {
      const copy = Buffer.from(chunk);
      this.#taken.push({ chunk, copy });
      this.inTransit.push(copy);
      this.sentBytes += copy.length;
    }
    return chunks.length > 0;
  }

  /** The socket has written everything: nothing of it may have been overwritten until now. */
  release(): void {
    for (const { chunk, copy } of this.#taken) {
      assert.ok(copy.equals(chunk), "output was overwritten before it was released");
    }
    this.#taken = [];
    this.session.outputReleased();
  }

  receive(chunk: Uint8Array, now: number): void {
    this.session.receive(chunk, now);
    this.takeEvents();
  }

  takeEvents(): void {
    for (let event = this.session.nextEvent(); event !== undefined; event = this.session.nextEvent()) {
      this.events.push(event);
      this.handle(event, this);
    }
  }

  /** Takes away the events that came so far. */
  drainEvents(): SessionEvent[] {
    return this.events.splice(0);
  }

  /** Writes a message in place, as a transport does. */
  sendMessage(id: number, message: Uint8Array, endStream = false): boolean {
    this.session.beginData(id, 0).append(message);
    return this.session.endData(endStream);
  }
}

function releaseAtOnce(event: SessionEvent, side: PairSide): void {
  if (event.type === "data") side.session.releaseWindow(event.streamId, event.end - event.start);
}

/** A client session and a server session joined in virtual time: no socket, no clock. */
export class SessionPair {
  readonly client: PairSide;
  readonly server: PairSide;
  now = 0;
  readonly #cuts: "whole" | "byte" | SeededRandom;

  constructor(options: SessionPairOptions = {}) {
    this.#cuts = options.cuts ?? "whole";
    this.client = new PairSide(
      new Http2Session("client", { ...defaultHttp2Limits, ...options.clientLimits }, this.now),
    );
    this.server = new PairSide(
      new Http2Session("server", { ...defaultHttp2Limits, ...options.serverLimits }, this.now),
    );
  }

  /** A pair whose SETTINGS have been exchanged. */
  static open(options: SessionPairOptions = {}): SessionPair {
    const pair = new SessionPair(options);
    pair.drive();
    assert.ok(pair.client.session.settingsReceived && pair.server.session.settingsReceived);
    pair.client.drainEvents();
    pair.server.drainEvents();
    return pair;
  }

  /** Moves output both ways until nothing moves. */
  drive(): void {
    for (let step = 0; step < maxSteps; step++) if (!this.#step()) return;
    assert.fail("the pair does not come to rest");
  }

  /** Lets time pass; whoever waits for it hears so. */
  advance(ms: number): void {
    this.now += ms;
    for (const side of [this.client, this.server]) {
      const at = side.session.nextTimeout();
      if (at === undefined || at > this.now) continue;
      side.session.handleTimeout(this.now);
      side.takeEvents();
    }
  }

  #step(): boolean {
    const sent = [this.client.send(), this.server.send()];
    const arrived = [this.#deliver(this.client, this.server), this.#deliver(this.server, this.client)];
    return sent.includes(true) || arrived.includes(true);
  }

  #deliver(from: PairSide, to: PairSide): boolean {
    const cuts = this.#cuts;
    if (from.isHeld || from.inTransit.length === 0) return false;
    // A late turn now and then: the two directions do not move in step.
    if (typeof cuts !== "string" && cuts.below(4) === 0) return true;
    const bytes = Buffer.concat(from.inTransit);
    from.inTransit = [];
    from.release();
    if (cuts === "whole") {
      to.receive(bytes, this.now);
    } else if (cuts === "byte") {
      for (let at = 0; at < bytes.length; at++) to.receive(bytes.subarray(at, at + 1), this.now);
    } else {
      const size = 1 + cuts.below(Math.min(bytes.length, cuts.pick([8, 64, 4096, 65536])));
      if (size < bytes.length) from.inTransit.push(bytes.subarray(size));
      to.receive(bytes.subarray(0, size), this.now);
    }
    return true;
  }
}
