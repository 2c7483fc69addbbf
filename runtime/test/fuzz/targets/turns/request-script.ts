/** What a gRPC client says on one connection: calls and their messages, in parts and together, resets, and what is beside them. */
import { clientPreface, frameType } from "../../../support/frames.js";
import { request } from "../../../transport/server-fixture.js";
import { framed } from "../../../transport/text-method.js";
import type { Tape } from "../../tape.js";
import { uint32, WireWriter } from "../frames/wire-writer.js";

/** What the other end of a connection says, and what becomes of its calls. */
export interface CallScript {
  readonly bytes: Buffer;
  /** Streams of all calls. */
  readonly ids: readonly number[];
  /** Those that were reset. */
  readonly resets: ReadonlySet<number>;
  /** Whether the protocol was broken: the connection ends, and what had not come to an end by then has none. */
  readonly isBroken: boolean;
}

interface OpenCall {
  readonly id: number;
  /** Bytes of messages that were begun and not sent. */
  rest: Buffer;
  ended: boolean;
}

export function requestScript(tape: Tape): CallScript {
  const writer = new RequestWriter(tape);
  writer.begin();
  while (!tape.done && writer.hasRoom) writer.step();
  return writer.finish();
}

class RequestWriter {
  readonly #tape: Tape;
  readonly #out = new WireWriter();
  readonly #calls: OpenCall[] = [];
  readonly #resets = new Set<number>();
  #isBroken = false;

  constructor(tape: Tape) {
    this.#tape = tape;
  }

  get hasRoom(): boolean {
    return !this.#isBroken && this.#out.hasRoom(8192);
  }

  begin(): void {
    const out = this.#out;
    out.raw(clientPreface);
    const window = this.#tape.pick([65535, 65535, 20, 0]);
    out.frame(frameType.SETTINGS, 0, 0, Buffer.concat([Buffer.of(0, 4), uint32(window)]));
    out.header(frameType.SETTINGS, 1, 0, 0);
  }

  step(): void {
    const choice = this.#tape.byte();
    const call = this.#calls[this.#tape.byte() % Math.max(1, this.#calls.length)];
    if (call === undefined || choice < 50) this.#open(choice);
    else if (choice < 130) this.#messages(call);
    else if (choice < 170) this.#part(call, choice);
    else if (choice < 196) this.#end(call);
    else if (choice < 206) this.#reset(call);
    else if (choice < 226) this.#windowUpdate(call);
    else if (choice < 244) this.#out.frame(frameType.PING, 0, 0, uint32(choice, 1));
    else if (choice < 254) this.#out.header(frameType.SETTINGS, 0, 0, 0);
    else this.#break();
  }

  finish(): CallScript {
    const out = this.#out;
    out.finish();
    return {
      bytes: out.bytes.subarray(out.start, out.at),
      ids: this.#calls.map(({ id }) => id),
      resets: this.#resets,
      isBroken: this.#isBroken,
    };
  }

  #open(choice: number): void {
    const id = 2 * this.#calls.length + 1;
    const isEnded = choice === 1;
    const headers = request(id, "x-call", String(id));
    this.#out.raw((isEnded ? headers.endStream() : headers).build());
    this.#calls.push({ id, rest: Buffer.alloc(0), ended: isEnded });
  }

  /** Whole messages, some of them together. */
  #messages(call: OpenCall): void {
    const messages: Buffer[] = [call.rest];
    for (let count = 1 + this.#tape.below(6); count > 0; count--)
      messages.push(framed("m".repeat(this.#tape.below(9))));
    call.rest = Buffer.alloc(0);
    this.#data(call, Buffer.concat(messages), 0);
  }

  /** Some of the octets of a message: the rest follows, or never comes. */
  #part(call: OpenCall, choice: number): void {
    if (call.rest.length === 0) call.rest = framed("p".repeat(this.#tape.byte()));
    const size = Math.min(call.rest.length, 1 + (choice & 15));
    this.#data(call, call.rest.subarray(0, size), 0);
    call.rest = call.rest.subarray(size);
  }

  #end(call: OpenCall): void {
    this.#data(call, this.#tape.oneIn(3) ? call.rest : Buffer.alloc(0), 1);
    call.ended = true;
  }

  #reset(call: OpenCall): void {
    this.#out.frame(frameType.RST_STREAM, 0, call.id, uint32(8));
    this.#resets.add(call.id);
    call.ended = true;
  }

  #windowUpdate({ id }: OpenCall): void {
    this.#out.frame(frameType.WINDOW_UPDATE, 0, this.#tape.oneIn(2) ? 0 : id, uint32(1 + this.#tape.below(100)));
  }

  #break(): void {
    this.#out.frame(frameType.PING, 0, 1, uint32(1, 1));
    this.#isBroken = true;
  }

  #data(call: OpenCall, payload: Buffer, flags: number): void {
    if (call.ended) return;
    const padding = this.#tape.oneIn(5) ? this.#tape.byte() : -1;
    const length = payload.length + (padding < 0 ? 0 : 1 + padding);
    this.#out.header(frameType.DATA, flags | (padding < 0 ? 0 : 8), call.id, length);
    if (padding >= 0) this.#out.fill(padding, 1);
    this.#out.raw(payload);
    if (padding > 0) this.#out.fill(0, padding);
  }
}
