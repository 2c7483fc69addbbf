/**
 * A peer that speaks HTTP/2 and does not always mean well: frames of every type (RFC 9113 §6), on streams that it may and
 * may not use, most of them right, so that what is wrong meets a session in every state.
 */
import { clientPreface, frameType } from "../../../support/frames.js";
import type { Tape } from "../../tape.js";
import { HeaderGrammar } from "./header-grammar.js";
import { uint32, type WireWriter } from "./wire-writer.js";

/** Settings with values that they may have (RFC 9113 §6.5.2). */
const settingValues: readonly (readonly [id: number, values: readonly number[]])[] = [
  [1, [0, 31, 100, 4096, 4097, 65536, 0xffffffff]],
  [2, [0]],
  [3, [0, 1, 2, 100, 0xffffffff]],
  [4, [0, 1, 100, 3000, 65535, 65536, 1 << 20, 0x7fffffff]],
  [4, [0, 20, 500, 65535]],
  [5, [16384, 16385, 65536, 16777215]],
  [6, [0, 100, 4096, 0xffffffff]],
  [0x99, [0, 0xffffffff]],
];
const increments = [1, 20, 100, 1000, 3000, 20_000, 65535, 100_000, 1 << 24];
/** More than a window may grow by, and less than a WINDOW_UPDATE may have. */
const badIncrements = [0, 0x7fffffff, 0x7fff0000];
const dataLengths = [0, 1, 5, 20, 100, 400, 1500];
const oddIds = [0, 2, 4, 0x7fffffff, 0x80000001, 99, 1001];

interface PeerStream {
  readonly id: number;
  /** Its first headers have been written. */
  isBegun: boolean;
}

export class PeerGrammar {
  /** Streams that the client of the connection has opened: the peer of a server, the owner of a client. */
  #opened = 0;
  /** Those that the peer has not ended. */
  readonly #live: PeerStream[] = [];
  readonly #headerGrammar = new HeaderGrammar();

  /** @param role Whose peer this is. */
  constructor(
    readonly role: "client" | "server",
    readonly out: WireWriter,
  ) {}

  /** The owner of a client has opened so many streams. */
  sawStreams(count: number): void {
    for (; this.#opened < count; this.#opened++) this.#live.push({ id: 2 * this.#opened + 1, isBegun: false });
  }

  /** What a connection begins with; now and then it is something else. */
  greet(tape: Tape): void {
    const choice = tape.byte();
    if (choice > 253) return;
    if (this.role === "server") this.out.raw(clientPreface);
    if (choice > 251) return;
    if ((choice & 1) === 0) this.out.header(frameType.SETTINGS, 0, 0, 0);
    else this.#settings(tape);
    if (choice < 160) this.out.header(frameType.SETTINGS, 1, 0, 0);
  }

  /** Writes what the peer says next: one frame, or one header block. */
  frame(tape: Tape): void {
    const choice = tape.byte();
    if (choice >= 250) this.#violation(tape);
    else if (choice < 50 || this.#opened === 0) this.#first(tape);
    else if (choice < 146) this.#more(tape, choice);
    else if (choice < 154) this.#reset(tape);
    else if (choice < 180) this.#windowUpdate(tape);
    else if (choice < 194) this.#settings(tape);
    else if (choice < 210) this.#ping(tape);
    else if (choice < 216) this.out.header(frameType.SETTINGS, 1, 0, 0);
    else if (choice < 222) this.#goAway(tape);
    else if (choice < 232) this.#priority(tape);
    else this.#unknown(tape);
  }

  /** A request that opens a stream, or a response. */
  #first(tape: Tape): void {
    const choice = tape.byte();
    const endStream = choice >= 216 ? 1 : 0;
    if (this.role === "client") {
      const stream = this.#live[choice % Math.max(1, this.#live.length)];
      if (stream !== undefined) this.#begin(tape, stream, "response", endStream);
      return;
    }
    // Now and then ids are passed over.
    const id = 2 * this.#opened + 1 + ((choice & 15) === 15 ? 2 * tape.below(4) : 0);
    this.#opened = (id + 1) / 2;
    const stream = { id, isBegun: true };
    this.#live.push(stream);
    this.#begin(tape, stream, "request", endStream);
  }

  #begin(tape: Tape, stream: PeerStream, kind: "request" | "response", endStream: number): void {
    stream.isBegun = true;
    if (endStream === 1) this.#end(stream.id);
    this.#headers(tape, stream.id, kind, endStream);
  }

  /** DATA or trailers, behind headers unless those did not come. */
  #more(tape: Tape, choice: number): void {
    const id = this.#id(tape);
    const stream = this.#live.find((live) => live.id === id);
    if (stream?.isBegun === false && !tape.oneIn(24)) {
      this.#begin(tape, stream, "response", 0);
    } else if (choice < 64) {
      const endStream = tape.oneIn(12) ? 0 : 1;
      if (endStream === 1) this.#end(id);
      this.#headers(tape, id, "trailers", endStream);
    } else {
      this.#data(tape, id);
    }
  }

  #reset(tape: Tape): void {
    const id = this.#id(tape);
    this.#end(id);
    this.out.frame(frameType.RST_STREAM, 0, id, uint32(tape.below(16)));
  }

  #end(id: number): void {
    const index = this.#live.findIndex((stream) => stream.id === id);
    if (index >= 0) this.#live.splice(index, 1);
  }

  #headers(tape: Tape, id: number, kind: "request" | "response" | "trailers", endStream: number): void {
    const { out } = this;
    const parts = this.#headerGrammar.parts(tape, kind);
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    const choice = tape.byte();
    if (choice >= 232 && size > 0) {
      this.#fragments(tape, id, parts, endStream);
      return;
    }
    const padding = (choice & 7) === 7 ? choice >>> 3 : -1;
    const hasPriority = (choice & 15) === 6;
    const flags = 4 | endStream | (padding < 0 ? 0 : 8) | (hasPriority ? 0x20 : 0);
    const length = size + (padding < 0 ? 0 : 1 + padding) + (hasPriority ? 5 : 0);
    if (!out.hasRoom(length)) return;
    out.header(frameType.HEADERS, flags, id, length);
    if (padding >= 0) out.fill(padding, 1);
    if (hasPriority) out.raw(Buffer.of(0, 0, 0, tape.byte(), 15));
    for (const part of parts) out.raw(part);
    if (padding > 0) out.fill(0, padding);
  }

  /** A block as HEADERS and CONTINUATION: too many of them, empty ones, or one that never ends. */
  #fragments(tape: Tape, id: number, parts: readonly Uint8Array[], endStream: number): void {
    const block = Buffer.concat(parts);
    const size = 1 + tape.below(tape.oneIn(2) ? 8 : 64);
    let at = Math.min(size, block.length);
    this.out.frame(frameType.HEADERS, endStream, id, block.subarray(0, at));
    for (let count = 0; at < block.length && count < 12; count++) {
      if (tape.oneIn(24)) this.out.header(frameType.CONTINUATION, 0, id, 0);
      if (tape.oneIn(64)) this.#violation(tape);
      const end = Math.min(block.length, at + size);
      this.out.frame(frameType.CONTINUATION, end === block.length ? 4 : 0, id, block.subarray(at, end));
      at = end;
    }
  }

  #data(tape: Tape, id: number): void {
    const { out } = this;
    const choice = tape.byte();
    const size = tape.pick(dataLengths);
    const padding = (choice & 3) === 3 ? tape.byte() : -1;
    const flags = (choice >= 224 ? 1 : 0) | (padding < 0 ? 0 : 8);
    const length = size + (padding < 0 ? 0 : 1 + padding);
    if (!out.hasRoom(length)) return;
    if (choice >= 224) this.#end(id);
    out.header(frameType.DATA, flags, id, length);
    if (padding >= 0) out.fill(padding, 1);
    out.fill(choice, size);
    if (padding > 0) out.fill(0, padding);
  }

  #windowUpdate(tape: Tape): void {
    const id = tape.oneIn(2) ? 0 : this.#id(tape);
    this.out.frame(frameType.WINDOW_UPDATE, 0, id, uint32(tape.pick(tape.oneIn(64) ? badIncrements : increments)));
  }

  #settings(tape: Tape): void {
    const count = tape.oneIn(64) ? tape.below(64) : tape.below(4);
    const body = Buffer.alloc(6 * count);
    for (let at = 0; at < body.length; at += 6) {
      const [id, values] = tape.pick(settingValues);
      body.writeUInt16BE(id, at);
      body.writeUInt32BE(tape.oneIn(64) ? tape.uint32() : tape.pick(values), at + 2);
    }
    this.out.frame(frameType.SETTINGS, 0, 0, body);
  }

  #ping(tape: Tape): void {
    const ours = Buffer.from("676f647769740001", "hex"); // what a session asks with when it drains
    const payload = tape.oneIn(3) ? ours : uint32(tape.byte(), tape.byte());
    this.out.frame(frameType.PING, tape.oneIn(3) ? 1 : 0, 0, payload);
  }

  #goAway(tape: Tape): void {
    const last = tape.oneIn(3) ? 0x7fffffff : 2 * tape.below(8) + 1;
    const debug = tape.octets(tape.below(12));
    this.out.frame(frameType.GOAWAY, 0, 0, Buffer.concat([uint32(last, tape.below(16)), debug]));
  }

  #priority(tape: Tape): void {
    // Of stream 200 and above: on itself only by chance.
    const payload = Buffer.of(0, 0, 0, 200 + tape.below(56), 15);
    this.out.frame(frameType.PRIORITY, 0, this.#id(tape), payload);
  }

  #unknown(tape: Tape): void {
    const payload = tape.octets(tape.below(30));
    this.out.frame(10 + tape.below(246), tape.byte(), this.#anyId(tape), payload);
  }

  /** What no peer may send, or any frame at all with anything in it. */
  #violation(tape: Tape): void {
    const { out } = this;
    const choice = tape.below(10);
    const type = tape.below(11);
    if (choice < 2) out.frame(type, tape.byte(), this.#anyId(tape), tape.octets(tape.below(24)));
    else if (choice === 2)
      out.frame(type, tape.byte(), this.#anyId(tape), uint32(tape.byte(), tape.uint32()).subarray(3));
    else if (choice === 3) out.frame(frameType.PUSH_PROMISE, 4, this.#id(tape), uint32(2));
    else if (choice === 4) out.header(type, tape.byte(), this.#id(tape), tape.oneIn(2) ? 16385 : 0xffffff);
    else if (choice === 5) out.header(type, tape.byte(), this.#id(tape), tape.byte());
    else if (choice === 6) out.frame(frameType.DATA, 8, this.#id(tape), Buffer.of(tape.byte(), 0, 0));
    else if (choice === 7) out.raw(tape.octets(1 + tape.below(12)));
    else if (choice === 8) out.frame(type, tape.below(6), this.#anyId(tape), uint32(tape.byte()));
    else this.#headers(tape, this.#anyId(tape), tape.pick(["request", "response", "trailers"]), tape.below(2));
  }

  /** A stream that is there; now and then one that was, or any. */
  #id(tape: Tape): number {
    const choice = tape.byte();
    if (choice === 255) return tape.pick(oddIds);
    if (choice >= 248 || this.#live.length === 0) return 2 * (choice % Math.max(1, this.#opened)) + 1;
    return (this.#live[choice % this.#live.length] as PeerStream).id;
  }

  #anyId(tape: Tape): number {
    return tape.oneIn(2) ? tape.pick(oddIds) : this.#id(tape);
  }
}
