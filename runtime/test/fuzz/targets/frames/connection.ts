/** One session, its peer and its owner, played from a tape. */
import assert from "node:assert/strict";
import type { Http2Limits } from "../../../../src/http2/limits.js";
import { Http2Session } from "../../../../src/http2/session.js";
import type { Tape } from "../../tape.js";
import { EventGrammar } from "./event-grammar.js";
import { FedFrames } from "./fed-frames.js";
import { PeerGrammar } from "./peer-grammar.js";
import { SentFrames } from "./sent-frames.js";
import { SessionOwner } from "./session-owner.js";
import { WireWriter } from "./wire-writer.js";

const defaultWindowBytes = 65535;
/** Steps that are still taken once the session has closed. */
const stepsBehindTheEnd = 6;
const takeSizes = [1, 100, 4096, 65536, 1 << 20];

export class Connection {
  readonly session: Http2Session;
  readonly #limits: Http2Limits;
  readonly #tape: Tape;
  readonly #writer = new WireWriter();
  readonly #peer: PeerGrammar;
  readonly #fed: FedFrames;
  readonly #sent: SentFrames;
  readonly #grammar: EventGrammar;
  readonly #owner: SessionOwner;
  /** Up to where the session was fed. */
  #fedEnd: number;
  #stepsLeft = Number.POSITIVE_INFINITY;

  constructor(role: "client" | "server", limits: Http2Limits, tape: Tape) {
    this.#limits = limits;
    this.#tape = tape;
    this.session = new Http2Session(role, limits, 0);
    this.#peer = new PeerGrammar(role, this.#writer);
    this.#fedEnd = this.#writer.start;
    this.#fed = new FedFrames(this.#writer.bytes, this.#writer.start + (role === "server" ? 24 : 0), limits);
    this.#sent = new SentFrames(role, this.#fed);
    this.#grammar = new EventGrammar(role, limits);
    this.#owner = new SessionOwner(this.session, this.#grammar, tape);
  }

  get isWorthGoingOn(): boolean {
    return this.#stepsLeft > 0 && this.#writer.hasRoom(4096);
  }

  begin(): void {
    this.#peer.greet(this.#tape);
    this.#deliver();
    if (this.#grammar.role !== "client") return;
    this.#owner.openSome();
    this.#takeOutput(1);
  }

  step(): void {
    const choice = this.#tape.byte();
    if (this.session.closed) this.#stepsLeft = Math.min(this.#stepsLeft, stepsBehindTheEnd) - 1;
    if (choice < 190) {
      this.#peer.frame(this.#tape);
      if (choice < 150) this.#deliver();
    } else if (choice < 232) {
      this.#owner.command();
      this.#drainEvents();
    } else {
      this.#takeOutput(this.#tape.pick(takeSizes));
    }
  }

  /** The peer ends; before that, everything that was received is accounted for. */
  end(): void {
    this.#deliver();
    this.#takeAll();
    this.#owner.releaseAll();
    this.#takeAll();
    assert.ok(!this.session.isReadingHeld, "reading goes on once answers have left and a turn has begun");
    if (!this.session.closed && this.#fed.atBoundary) this.#checkAccounts();
    this.session.receiveEnd(this.#owner.now);
    this.#drainEvents();
    assert.ok(this.#grammar.closed && this.session.closed, "closed comes last, and comes");
    this.session.receive(Buffer.alloc(9), this.#owner.now);
    assert.equal(this.session.nextEvent(), undefined, "nothing follows closed");
    this.#takeAll();
    this.#writer.finish();
  }

  /** Feeds what the peer wrote: whole, or cut. */
  #deliver(): void {
    const end = this.#writer.at;
    const size = end - this.#fedEnd;
    if (size === 0) return;
    this.#tape.feed(this.#writer.bytes, this.#fedEnd, end);
    const choice = this.#tape.byte();
    if (choice < 150) {
      this.#feed(end);
    } else if (choice < 220) {
      this.#feed(this.#fedEnd + 1 + ((choice * 7) % size));
    } else {
      const step = choice < 240 ? 1 + (choice & 3) : 16;
      while (this.#fedEnd < end) this.#feed(Math.min(end, this.#fedEnd + step));
    }
    if (this.#fedEnd < end) this.#feed(end);
    this.#drainEvents();
  }

  #feed(end: number): void {
    this.#tape.feedNumber(end - this.#fedEnd);
    this.#tape.words?.push(`receive ${this.#writer.bytes.toString("hex", this.#fedEnd, end)}`);
    this.session.receive(this.#writer.bytes.subarray(this.#fedEnd, end), this.#owner.now);
    this.#fedEnd = end;
    // Events are taken after each chunk, or after the last.
    if ((end & 3) !== 0) this.#drainEvents();
  }

  #drainEvents(): void {
    const { session } = this;
    this.#fed.advance(this.#fedEnd);
    const most = 100 + 2 * (this.#fedEnd - this.#writer.start);
    for (let count = 0; count < most; count++) {
      const event = session.nextEvent();
      if (event === undefined) {
        this.#checkBounds();
        return;
      }
      const stream = this.#grammar.take(event);
      this.#tape.words?.push(`  ${event.type} ${"streamId" in event ? event.streamId : ""}`);
      this.#owner.onEvent(event, stream);
    }
    assert.fail("events do not come to an end");
  }

  #checkBounds(): void {
    const { session } = this;
    const limits = this.#limits;
    if (this.#grammar.role === "server") assert.ok(session.openStreams <= limits.maxConcurrentStreams);
    const { excess } = this.#fed;
    assert.ok(excess === undefined || session.closed || session.isReadingHeld, `${excess} passed a limit`);
    const headerBytes = session.retainedHeaderBytes;
    assert.ok(headerBytes >= 0 && headerBytes <= limits.maxRetainedHeaderBytes, `headers keep ${headerBytes} bytes`);
    if (session.openStreams === 0) assert.equal(headerBytes, 0, "no stream, no headers");
    const { available, held, owed } = session.receiveWindow;
    const window = Math.max(limits.connectionWindowBytes, defaultWindowBytes);
    assert.ok(session.closed || (available >= 0 && held >= 0 && owed >= 0));
    assert.equal(available + held + owed, window, "every byte of the window is somewhere");
  }

  #takeOutput(maxBytes: number): number {
    this.#tape.feedNumber(maxBytes);
    const chunks = this.session.takeOutput(maxBytes);
    this.#sent.read(chunks);
    if (this.#grammar.role === "client") this.#peer.sawStreams(this.#owner.count);
    this.session.outputReleased();
    this.#drainEvents();
    return chunks.length;
  }

  #takeAll(): void {
    this.session.allowStreams(Number.POSITIVE_INFINITY, this.#owner.now);
    this.#drainEvents();
    for (let most = 1000; this.#takeOutput(1 << 20) > 0; most--) assert.ok(most > 0, "output does not come to an end");
    assert.equal(this.session.unsentBytes, 0);
  }

  /** Every byte of DATA was given back once, but for what is too little to be worth a frame. */
  #checkAccounts(): void {
    const { session } = this;
    const fed = this.#fed;
    const sent = this.#sent;
    assert.equal(sent.settingsAcks, fed.settings.length - 1, "each SETTINGS frame is acknowledged");
    assert.equal(sent.pingAcks, fed.pings, "each PING is answered");
    const window = Math.max(this.#limits.connectionWindowBytes, defaultWindowBytes);
    const { available, held, owed } = session.receiveWindow;
    assert.equal(held, 0, "bytes that are held when all were given back");
    assert.equal(available + owed, window, "what the peer may send, once it knows all");
    assert.equal(sent.increments - (window - defaultWindowBytes) + owed, fed.dataBytes, "the connection's window");
    const { streamWindowBytes } = this.#limits;
    for (const stream of this.#grammar.streams.values()) {
      if (!stream.headersReceived || stream.endReceived || stream.isReset || stream.isResetAsked) continue;
      const kept = (fed.streamDataBytes.get(stream.id) ?? 0) - (sent.streamIncrements.get(stream.id) ?? 0);
      const most = Math.max(1, streamWindowBytes >>> 1);
      assert.ok(kept >= 0 && kept < most, `${kept} bytes of stream ${stream.id} were not given back, ${most} are due`);
    }
  }
}
