/** Whoever owns a session: commands as a transport gives them, on streams that it knows, and what it does on events. */
import { HeaderBlock } from "../../../../src/hpack/header-block.js";
import type { Http2Session } from "../../../../src/http2/session.js";
import type { SessionEvent } from "../../../../src/http2/session-event.js";
import type { Tape } from "../../tape.js";
import type { EventGrammar, OwnedStream } from "./event-grammar.js";

const request = new HeaderBlock(
  ["te", "trailers"],
  new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m"]),
);
const response = new HeaderBlock([":status", "200", "content-type", "application/grpc"]);
const bareTrailers = new HeaderBlock(["grpc-status", "0"]);
const longTrailers = new HeaderBlock(["grpc-status", "5", "grpc-message", "\u0001".repeat(20_000)]);
const payload = Buffer.alloc(80_000, 0x2a);
const sizes = [0, 1, 20, 300, 2000, 16384, 20_000, 70_000];
const debug = "d".repeat(2000);

export class SessionOwner {
  now = 0;
  readonly #session: Http2Session;
  readonly #grammar: EventGrammar;
  readonly #tape: Tape;
  /** What it does at once, bit by bit: answers, echoes, gives back, ends. */
  readonly #habits: number;
  /** The ids of all streams, in order. */
  readonly #ids: number[] = [];

  constructor(session: Http2Session, grammar: EventGrammar, tape: Tape) {
    this.#session = session;
    this.#grammar = grammar;
    this.#tape = tape;
    this.#habits = tape.byte();
  }

  /** How many streams there are or were. */
  get count(): number {
    return this.#ids.length;
  }

  onEvent(event: SessionEvent, stream: OwnedStream | undefined): void {
    if (stream === undefined) return;
    if (event.type === "headers") {
      if (this.#grammar.role === "server" && !stream.headersSent) this.#ids.push(stream.id);
      if ((this.#habits & 1) !== 0 && !stream.headersSent) this.#respond(stream, false);
    }
    if (event.type === "data") {
      if ((this.#habits & 2) !== 0) this.#send(stream, event.end - event.start, false);
      if ((this.#habits & 4) !== 0) this.#release(stream, stream.unreleased);
    }
    if (stream.endReceived && (this.#habits & 8) !== 0) this.#end(stream, bareTrailers);
  }

  /** A client's first calls. */
  openSome(): void {
    for (let count = this.#tape.below(5); count > 0; count--) this.#open(this.#tape.oneIn(2));
  }

  /** One command, or time that goes by. */
  command(): void {
    const tape = this.#tape;
    const choice = tape.byte();
    tape.feedNumber(choice);
    tape.words?.push(`command ${choice}`);
    if (choice < 40) this.#open(choice >= 20);
    else if (choice < 56) this.#command((stream) => this.#respond(stream, tape.oneIn(8)));
    else if (choice < 100) this.#command((stream) => this.#send(stream, tape.pick(sizes), tape.oneIn(6)));
    else if (choice < 130) this.#command((stream) => this.#write(stream, tape.pick(sizes), tape.oneIn(6)));
    else if (choice < 150) this.#command((stream) => this.#end(stream, tape.oneIn(8) ? longTrailers : bareTrailers));
    else if (choice < 180)
      this.#command((stream) => this.#release(stream, Math.ceil((stream.unreleased * tape.byte()) / 255)));
    else if (choice < 200) this.#command((stream) => this.#reset(stream));
    else if (choice < 210) this.#command((stream) => this.#resetBehind(stream));
    else if (choice < 216) this.#session.ping(Buffer.from([choice, 0, 0, 0, 0, 0, 0, tape.byte()]));
    else if (choice < 220) this.#session.drain(this.now);
    else if (choice < 224) this.#session.allowStreams(tape.below(4), this.now);
    else if (choice < 226) this.#session.close(tape.below(14), tape.oneIn(2) ? "closed by its owner" : debug);
    else this.#wait(tape.pick([0, 1, 1000, 19_999, 20_000, 60_000]));
  }

  /** Gives back everything that was received. */
  releaseAll(): void {
    for (const stream of this.#grammar.streams.values()) this.#release(stream, stream.unreleased);
  }

  #command(act: (stream: OwnedStream) => void): void {
    const id = this.#ids[this.#tape.byte() % Math.max(1, this.#ids.length)];
    const stream = id === undefined ? undefined : this.#grammar.streams.get(id);
    if (stream !== undefined) act(stream);
  }

  #open(endStream: boolean): void {
    if (this.#grammar.role !== "client") return;
    const id = this.#session.openStream(request, endStream);
    if (id === undefined) return;
    this.#ids.push(id);
    this.#grammar.opened(id, endStream);
  }

  #respond(stream: OwnedStream, endStream: boolean): void {
    if (this.#grammar.role !== "server" || stream.headersSent || stream.endSent) return;
    stream.headersSent = true;
    stream.endSent = endStream;
    this.#session.sendHeaders(stream.id, response, endStream);
  }

  #send(stream: OwnedStream, size: number, endStream: boolean): void {
    if (!stream.headersSent || stream.endSent || stream.isWaiting) return;
    stream.endSent = endStream;
    stream.isWaiting = !this.#session.sendData(stream.id, payload.subarray(0, size), endStream);
  }

  /** The same in place, as a codec does. */
  #write(stream: OwnedStream, size: number, endStream: boolean): void {
    if (!stream.headersSent || stream.endSent || stream.isWaiting) return;
    const sink = this.#session.beginData(stream.id, 5);
    sink.ensure(1);
    sink.bytes[sink.position++] = 0x2a;
    sink.append(payload.subarray(0, size));
    if (this.#tape.oneIn(10)) {
      this.#session.abortData();
      return;
    }
    stream.endSent = endStream;
    stream.isWaiting = !this.#session.endData(endStream);
  }

  #end(stream: OwnedStream, trailers: HeaderBlock): void {
    if (!stream.headersSent || stream.endSent) return;
    stream.endSent = true;
    this.#session.sendHeaders(stream.id, trailers, true);
  }

  #release(stream: OwnedStream, bytes: number): void {
    stream.unreleased -= bytes;
    if (stream.isReset || (bytes & 1) === 0) {
      this.#session.releaseWindow(stream.id, bytes);
    } else {
      this.#session.releaseConnectionWindow(bytes);
      this.#session.releaseStreamWindow(stream.id, bytes);
    }
  }

  #reset(stream: OwnedStream): void {
    if (stream.isReset) return;
    stream.isReset = true;
    stream.endSent = true;
    this.#session.resetStream(stream.id, this.#tape.below(14));
  }

  #resetBehind(stream: OwnedStream): void {
    if (stream.isReset || !stream.endSent) return;
    stream.isResetAsked = true;
    this.#session.resetBehindQueue(stream.id, 0);
  }

  #wait(ms: number): void {
    this.now += ms;
    const at = this.#session.nextTimeout();
    if (at !== undefined && at <= this.now) this.#session.handleTimeout(this.now);
  }
}
